// One's own videos as a table shows them. The order and the words come from the address.
import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import { api, type Slice, unwrap, unwrapSlice } from "@/api/client";
import type { Video } from "@/api/types";

/** `watchTime` (seconds) is there where the dashboard's list was asked. */
export type StudioVideo = Video & { watchTime?: number };

export const SORTS = ["createdAt", "title", "views", "likesCount", "duration"] as const;
export type Sort = (typeof SORTS)[number];
export const SHOWN = ["all", "public", "unlisted", "private", "processing", "failed"] as const;
export type Shown = (typeof SHOWN)[number];

export interface View {
  words: string;
  sort: Sort;
  isUp: boolean;
  show: Shown;
}

const KEY = ["videos", "studio"] as const;
const PAGE = "100";

/** The dashboard's list is the one with watch times, and the newest first is its only order. */
export const isPlain = (view: View) => view.words === "" && view.sort === "createdAt" && !view.isUp;

export const studioVideosQuery = (me: string, view: View) => {
  const { words, sort, isUp } = view;
  return infiniteQueryOptions({
    queryKey: [...KEY, me, words, sort, isUp],
    enabled: me !== "",
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      isPlain(view)
        ? unwrapSlice<StudioVideo>(
            api.GET("/api/v1/dashboard/videos", { params: { query: { cursor: pageParam, limit: PAGE } } }),
          )
        : unwrapSlice<StudioVideo>(
            api.GET("/api/v1/videos", {
              params: {
                query: {
                  userId: me,
                  cursor: pageParam,
                  limit: PAGE,
                  sortBy: sort,
                  sortType: isUp ? "asc" : "desc",
                  ...(words ? { query: words } : {}),
                },
              },
            }),
          ),
    getNextPageParam: (last: Slice<StudioVideo>) => last.nextCursor ?? undefined,
    staleTime: 0,
  });
};

/** As many pages of watch times as are read for lists in another order. */
const MOST_PAGES = 10;

/** Watch times by video, for lists that come without. */
export const watchTimesQuery = queryOptions({
  queryKey: ["watch-times"],
  queryFn: async () => {
    const times: Record<string, number> = {};
    let cursor = "";
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = { cursor, limit: PAGE };
      const slice = await unwrapSlice<StudioVideo>(
        api.GET("/api/v1/dashboard/videos", { params: { query } }),
      );
      for (const one of slice.items) times[one._id] = one.watchTime ?? 0;
      if (!slice.nextCursor) break;
      cursor = slice.nextCursor;
    }
    return times;
  },
  staleTime: 60_000,
});

/** Whether a video belongs to what was chosen to be shown. */
export function isShown(video: Pick<Video, "status" | "visibility">, show: Shown): boolean {
  if (show === "all") return true;
  if (show === "processing") return video.status === "processing";
  if (show === "failed") return video.status === "failed" || video.status === "rejected";
  return video.visibility === show;
}

/** Puts what is known anew of a video into every list that has it; answers whether one has. */
export function patch(queries: QueryClient, id: string, to: Partial<StudioVideo>): boolean {
  let isThere = false;
  queries.setQueriesData<InfiniteData<Slice<StudioVideo>, string>>({ queryKey: KEY }, (data) => {
    if (!data?.pages.some((page) => page.items.some((one) => one._id === id))) return data;
    isThere = true;
    return {
      ...data,
      pages: data.pages.map((page) => ({
        ...page,
        items: page.items.map((one) => (one._id === id ? { ...one, ...to } : one)),
      })),
    };
  });
  return isThere;
}

export const renewVideos = (queries: QueryClient) => queries.invalidateQueries({ queryKey: ["videos"] });

export const retry = (id: string) =>
  unwrap(api.POST("/api/v1/videos/{id}/retry", { params: { path: { id } } }));
export const cancel = (id: string) =>
  unwrap(api.POST("/api/v1/videos/{id}/cancel", { params: { path: { id } } }));
export const removeVideo = (id: string) =>
  unwrap(api.DELETE("/api/v1/videos/{id}", { params: { path: { id } }, keepalive: true }));
export const setVisibility = (id: string, visibility: string) =>
  unwrap(api.PATCH("/api/v1/videos/{id}", { params: { path: { id } }, body: { visibility } }));
