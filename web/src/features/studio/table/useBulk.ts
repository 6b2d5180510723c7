// What can be done with several videos at once.
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { addTo } from "@/features/library/save";
import { removeLater, show } from "@/ui/removals";
import { toast } from "@/ui/toasts";
import { type Failed, type Item, work } from "./bulk";
import { patch, removeVideo, renewVideos, type StudioVideo, setVisibility } from "./queries";

type Visibility = "public" | "unlisted" | "private";

export function useBulk() {
  const { t } = useTranslation(["studio", "common"]);
  const queries = useQueryClient();

  const change = async (videos: readonly StudioVideo[], to: (video: StudioVideo) => Visibility) => {
    const wanted = new Map(videos.map((one) => [one._id, to(one)]));
    const failed = await work({
      kind: "visibility",
      items: videos.filter((one) => one.visibility !== wanted.get(one._id)),
      act: async (id) => {
        const saved = await setVisibility(id, wanted.get(id) ?? "private");
        patch(queries, id, { visibility: saved.visibility, isPublished: saved.isPublished });
      },
      onOver: () => void renewVideos(queries),
    });
    return videos.length - failed.length;
  };

  const visibility = async (videos: readonly StudioVideo[], to: Visibility) => {
    const before = new Map(videos.map((one) => [one._id, one.visibility as Visibility]));
    const count = await change(videos, () => to);
    if (count === 0) return;
    const back = () =>
      void change(
        videos.map((one) => ({ ...one, visibility: to })),
        (one) => before.get(one._id) ?? "private",
      );
    toast({
      tone: "good",
      text: t(`bulk.set.${to}`, { count }),
      action: { label: t("common:undo"), run: back },
    });
  };

  const remove = (videos: readonly Item[]) =>
    removeLater({
      ids: videos.map((one) => one._id),
      text: t("bulk.removed", { count: videos.length }),
      send: async (isLeaving) => {
        const onOver = (failed: readonly Failed[]) => {
          show(failed.map((one) => one._id));
          for (const name of ["videos", "storage", "watch-times"])
            void queries.invalidateQueries({ queryKey: [name] });
        };
        const atOnce = isLeaving ? { atOnce: videos.length } : {};
        await work({ kind: "remove", items: videos, act: removeVideo, onOver, ...atOnce });
      },
    });

  /** One after the other, so that they stand in the playlist in the order of the table. */
  const addAll = async (videos: readonly Item[], list: { _id: string; name: string }) => {
    const failed = await work({
      kind: "playlist",
      items: videos,
      act: (id) => addTo(list._id, id),
      atOnce: 1,
      onOver: () => {
        void queries.invalidateQueries({ queryKey: ["playlist", list._id] });
        void queries.invalidateQueries({ queryKey: ["playlists"] });
      },
    });
    const count = videos.length - failed.length;
    if (count > 0) toast({ tone: "good", text: t("bulk.added", { count, name: list.name }) });
  };

  return { visibility, remove, addAll };
}
