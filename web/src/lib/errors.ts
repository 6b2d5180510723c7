import { ApiError } from "@/api/client";

/** What is not there, or not for whoever asks; an address that cannot be one counts as well. */
export function isNotFound(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.status === 404 || (error.status === 400 && error.code === "malformed_id"))
  );
}

/** Whether a part of the app could not be loaded: no connection, or there is a newer app with other parts. */
export function isPartMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported|importing a module|preload css|load module/i.test(error.message)
  );
}
