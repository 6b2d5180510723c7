import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useMe } from "@/session/session";
import { type EventData, type EventKind, hub } from "./hub";

/** Calls `listener` for each event of this kind while the component is there. */
export function useEvent<K extends EventKind>(kind: K, listener: (data: EventData[K]) => void): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => hub.on(kind, (data) => latest.current(data)), [kind]);
}

/** Hears of this video while the component is there. */
export function useVideoEvents(video: string | undefined): void {
  useEffect(() => (video === undefined ? undefined : hub.watch(video)), [video]);
}

/** Keeps the stream in step with who is signed in, and reads everything again after something was missed. Once. */
export function useEventUpkeep(): void {
  const me = useMe();
  const queries = useQueryClient();
  useEffect(() => hub.setSignedIn(Boolean(me)), [me]);
  useEffect(() => {
    const look = () => hub.setHidden(document.visibilityState === "hidden");
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  useEvent("resync", () => void queries.invalidateQueries());
}
