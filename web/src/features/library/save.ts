// Keeping videos in playlists.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap, unwrapSlice } from "@/api/client";
import type { Playlist } from "@/api/types";
import { toast } from "@/ui/toasts";

const WATCH_LATER = "watch-later";

export const ownPlaylistsQuery = (me: string | undefined) =>
  queryOptions({
    queryKey: ["playlists", me],
    enabled: me !== undefined,
    queryFn: async () => {
      const params = { path: { userId: me ?? "" }, query: { cursor: "", limit: "100" } };
      return (await unwrapSlice<Playlist>(api.GET("/api/v1/playlist/user/{userId}", { params }))).items;
    },
  });

export const playlistQuery = (playlistId: string) =>
  queryOptions({
    queryKey: ["playlist", playlistId],
    queryFn: () => unwrap(api.GET("/api/v1/playlist/{playlistId}", { params: { path: { playlistId } } })),
  });

export const addTo = (playlistId: string, videoId: string) =>
  unwrap(
    api.PATCH("/api/v1/playlist/add/{videoId}/{playlistId}", { params: { path: { videoId, playlistId } } }),
  );

export const removeFrom = (playlistId: string, videoId: string) =>
  unwrap(
    api.DELETE("/api/v1/playlist/remove/{videoId}/{playlistId}", {
      params: { path: { videoId, playlistId } },
    }),
  );

export function useSaveForLater() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const renew = () => queries.invalidateQueries({ queryKey: ["playlist", WATCH_LATER] });
  return useMutation({
    mutationFn: (video: string) => addTo(WATCH_LATER, video),
    onSuccess: (_, video) => {
      void renew();
      const undo = () => void removeFrom(WATCH_LATER, video).then(renew);
      toast({ text: t("video.savedForLater"), action: { label: t("undo"), run: undo } });
    },
  });
}
