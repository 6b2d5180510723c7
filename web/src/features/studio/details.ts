import type { Video } from "@/api/types";
import type { Details } from "@/features/upload/uploads";

/** What can be edited of a video. */
export function detailsOf({ title, description, tags, visibility, keepOriginal }: Video): Details {
  return { title, description, tags, visibility, keepOriginal: keepOriginal ?? undefined };
}

/** Whether there is nothing to save. */
export function isSame(a: Details, b: Details): boolean {
  return (
    a.title === b.title &&
    a.description === b.description &&
    a.visibility === b.visibility &&
    a.keepOriginal === b.keepOriginal &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, index) => tag === b.tags[index])
  );
}
