import { Button, Menu } from "@mantine/core";
import { infiniteQueryOptions, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { History, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, unwrap, unwrapSlice } from "@/api/client";
import type { Watched } from "@/api/types";
import { useFormat } from "@/lib/format";
import { RequireSignIn } from "@/session/RequireSignIn";
import { Endless } from "@/ui/Endless";
import { Page } from "@/ui/Page";
import { RowsSkeleton } from "@/ui/Skeletons";
import { toast } from "@/ui/toasts";
import { VideoRow } from "@/ui/VideoCard";

const historyQuery = infiniteQueryOptions({
  queryKey: ["history"],
  initialPageParam: "",
  queryFn: ({ pageParam }) =>
    unwrapSlice<Watched>(
      api.GET("/api/v1/users/history", { params: { query: { cursor: pageParam, limit: "30" } } }),
    ),
  getNextPageParam: (last) => last.nextCursor ?? undefined,
  staleTime: 0,
});

const keyOf = (video: Watched) => video._id;

function List() {
  const { t } = useTranslation("library");
  const format = useFormat();
  const queries = useQueryClient();
  const list = useInfiniteQuery(historyQuery);
  const renew = () => queries.invalidateQueries({ queryKey: historyQuery.queryKey });
  const remove = useMutation({
    mutationFn: (videoId: string) =>
      unwrap(api.DELETE("/api/v1/users/history/{videoId}", { params: { path: { videoId } } })),
    // It is gone at once; where that fails, it comes back with the message.
    onMutate: (videoId) =>
      queries.setQueryData(
        historyQuery.queryKey,
        (data) =>
          data && {
            ...data,
            pages: data.pages.map((page) => ({
              ...page,
              items: page.items.filter((one) => one._id !== videoId),
            })),
          },
      ),
    onSettled: renew,
  });
  const clear = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/users/history")),
    onSuccess: async () => {
      await renew();
      toast({ text: t("history.cleared") });
    },
  });
  const hasSome = (list.data?.pages[0]?.items.length ?? 0) > 0;
  return (
    <Page
      title={t("history.title")}
      width="text"
      actions={
        hasSome && (
          <Menu>
            <Menu.Target>
              <Button variant="default" size="sm" leftSection={<Trash2 size={16} />}>
                {t("history.clear")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{t("history.sure")}</Menu.Label>
              <Menu.Item color="red" onClick={() => clear.mutate()}>
                {t("history.clearAll")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )
      }
    >
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={150}
        skeleton={<RowsSkeleton count={6} />}
        empty={{ icon: History, title: t("history.empty.title"), text: t("history.empty.text") }}
      >
        {(video) => (
          <VideoRow
            video={video}
            isSmall
            note={t("history.seen", { when: format.ago(video.watchedAt) })}
            extra={
              <Menu.Item leftSection={<Trash2 size={18} />} onClick={() => remove.mutate(video._id)}>
                {t("history.remove")}
              </Menu.Item>
            }
          />
        )}
      </Endless>
    </Page>
  );
}

export default function HistoryPage() {
  return (
    <RequireSignIn>
      <List />
    </RequireSignIn>
  );
}
