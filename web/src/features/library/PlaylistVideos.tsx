// The videos of a playlist in order: moved by dragging with the mouse or a finger, by the arrow keys on their handles, or
// by the entries of their menus. Only those near the window are in the page.
import { Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, GripVertical, Trash2 } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Playlist } from "@/api/types";
import { moved } from "@/lib/order";
import { toast } from "@/ui/toasts";
import { VideoRow } from "@/ui/VideoCard";
import classes from "./PlaylistPage.module.css";
import { addTo, playlistQuery, removeFrom } from "./save";

const ROW = 104;
/** So near to the edge of the window, a drag scrolls. */
const EDGE = 72;

interface Props {
  /** As the address names it. */
  id: string;
  list: Playlist;
  isOwn: boolean;
}

function useChanges(id: string, list: Playlist) {
  const { t } = useTranslation(["library", "common"]);
  const queries = useQueryClient();
  const own = playlistQuery(id).queryKey;
  const move = useMutation({
    mutationFn: ({ from, to }: { from: number; to: number }) => {
      const videoId = list.videos[from]?._id ?? "";
      const other = list.videos[to]?._id ?? "";
      const body = to > from ? { videoId, after: other } : { videoId, before: other };
      return unwrap(
        api.PATCH("/api/v1/playlist/{playlistId}/order", { params: { path: { playlistId: id } }, body }),
      );
    },
    onMutate: ({ from, to }) =>
      queries.setQueryData(own, (data) => data && { ...data, videos: moved(data.videos, from, to) }),
    onError: () => void queries.invalidateQueries({ queryKey: own }),
  });
  const remove = useMutation({
    mutationFn: (video: string) => removeFrom(id, video),
    onSuccess: (_, video) => {
      const before = list.videos[list.videos.findIndex((one) => one._id === video) - 1]?._id;
      void queries.invalidateQueries({ queryKey: own });
      const undo = async () => {
        await addTo(id, video);
        // To where it was, and not to the end.
        const first = list.videos.find((one) => one._id !== video)?._id;
        const body = before ? { videoId: video, after: before } : { videoId: video, before: first ?? video };
        if (before ?? first)
          await unwrap(
            api.PATCH("/api/v1/playlist/{playlistId}/order", { params: { path: { playlistId: id } }, body }),
          );
        await queries.invalidateQueries({ queryKey: own });
      };
      toast({
        text: t("playlist.removed"),
        action: {
          label: t("common:undo"),
          run: () => void undo().catch((error: Error) => toast({ text: error.message, tone: "bad" })),
        },
      });
    },
  });
  return { move, remove };
}

export function PlaylistVideos({ id, list, isOwn }: Props) {
  const { t } = useTranslation(["library", "common"]);
  const { move, remove } = useChanges(id, list);
  const box = useRef<HTMLOListElement>(null);
  const [top, setTop] = useState(0);
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  // Where a drag is by now: it may end before the page was drawn anew.
  const target = useRef<number | null>(null);
  const [said, setSaid] = useState("");
  const { videos } = list;
  useLayoutEffect(() => {
    const look = () => setTop((box.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const rows = useWindowVirtualizer({
    count: videos.length,
    estimateSize: () => ROW,
    getItemKey: (index) => videos[index]?._id ?? index,
    overscan: 5,
    scrollMargin: top,
    // The one that is dragged stays in the page, wherever it is scrolled to.
    rangeExtractor: ({ startIndex, endIndex, overscan, count }) => {
      const from = Math.max(0, startIndex - overscan);
      const to = Math.min(count - 1, endIndex + overscan);
      const all = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
      return dragged === null || all.includes(dragged) ? all : [...all, dragged].sort((a, b) => a - b);
    },
  });

  const place = (from: number, to: number) => {
    if (to < 0 || to >= videos.length || from === to) return;
    move.mutate({ from, to });
    setSaid(t("playlist.movedTo", { title: videos[from]?.title ?? "", place: to + 1, count: videos.length }));
  };
  const rowAt = (y: number): number | null => {
    const at = box.current?.getBoundingClientRect();
    if (!at) return null;
    const found = rows.getVirtualItems().find((row) => {
      const start = at.top + row.start - top;
      return y >= start && y < start + row.size;
    });
    return found?.index ?? null;
  };
  const stop = () => {
    target.current = null;
    setDragged(null);
    setOver(null);
  };
  const end = () => {
    if (dragged !== null && target.current !== null) place(dragged, target.current);
    stop();
  };
  const pointer = (index: number) => ({
    onPointerDown: (event: PointerEvent<HTMLButtonElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setDragged(index);
    },
    onPointerMove: (event: PointerEvent) => {
      if (dragged === null) return;
      target.current = rowAt(event.clientY) ?? target.current;
      setOver(target.current);
      if (event.clientY < EDGE) window.scrollBy(0, -12);
      else if (event.clientY > window.innerHeight - EDGE) window.scrollBy(0, 12);
    },
    onPointerUp: end,
    onPointerCancel: stop,
  });
  const keys = (event: KeyboardEvent, index: number) => {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (by === 0) return;
    event.preventDefault();
    place(index, index + by);
  };

  return (
    <>
      <span className="unseen" role="status">
        {said}
      </span>
      <ol ref={box} className={classes.videos} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const { index } = row;
          const video = videos[index];
          if (!video) return null;
          const side = index > (dragged ?? 0) ? "after" : "before";
          return (
            <li
              key={row.key}
              ref={rows.measureElement}
              data-index={index}
              aria-posinset={index + 1}
              aria-setsize={videos.length}
              className={classes.video}
              data-dragged={dragged === index || undefined}
              data-over={(dragged !== null && over === index && dragged !== index && side) || undefined}
              style={{ transform: `translateY(${row.start - top}px)` }}
            >
              {isOwn ? (
                <button
                  type="button"
                  className={classes.handle}
                  aria-label={t("playlist.move", { title: video.title })}
                  title={t("playlist.moveHint")}
                  onKeyDown={(event) => keys(event, index)}
                  {...pointer(index)}
                >
                  <GripVertical size={18} />
                </button>
              ) : (
                <span className={classes.number} aria-hidden>
                  {index + 1}
                </span>
              )}
              <VideoRow
                video={video}
                isSmall
                query={`list=${id}`}
                extra={
                  isOwn && (
                    <>
                      <Menu.Divider />
                      <Menu.Item
                        leftSection={<ArrowUp size={18} />}
                        disabled={index === 0}
                        onClick={() => place(index, index - 1)}
                      >
                        {t("playlist.up")}
                      </Menu.Item>
                      <Menu.Item
                        leftSection={<ArrowDown size={18} />}
                        disabled={index === videos.length - 1}
                        onClick={() => place(index, index + 1)}
                      >
                        {t("playlist.down")}
                      </Menu.Item>
                      <Menu.Item leftSection={<Trash2 size={18} />} onClick={() => remove.mutate(video._id)}>
                        {t("playlist.remove")}
                      </Menu.Item>
                    </>
                  )
                }
              />
            </li>
          );
        })}
      </ol>
    </>
  );
}
