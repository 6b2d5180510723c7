// A playlist: its videos in order, moved by dragging or by the entries of their menus.
import { Button, Menu } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, GripVertical, ListVideo, Play, Shuffle, Trash2 } from "lucide-react";
import { type DragEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Playlist } from "@/api/types";
import NotFoundPage from "@/app/NotFoundPage";
import { isNotFound } from "@/lib/errors";
import { moved } from "@/lib/order";
import { useMe } from "@/session/session";
import { Page } from "@/ui/Page";
import { RowsSkeleton } from "@/ui/Skeletons";
import { EmptyState, ErrorState } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { VideoRow } from "@/ui/VideoCard";
import classes from "./PlaylistPage.module.css";
import { addTo, playlistQuery, removeFrom } from "./save";

function Videos({ list, isOwn }: { list: Playlist; isOwn: boolean }) {
  const { t } = useTranslation(["library", "common"]);
  const queries = useQueryClient();
  const id = useParams().id ?? list._id;
  const own = playlistQuery(id).queryKey;
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);

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
      void queries.invalidateQueries({ queryKey: own });
      const undo = () => void addTo(id, video).then(() => queries.invalidateQueries({ queryKey: own }));
      toast({ text: t("playlist.removed"), action: { label: t("common:undo"), run: undo } });
    },
  });
  const drop = (event: DragEvent, to: number) => {
    event.preventDefault();
    if (dragged !== null && dragged !== to) move.mutate({ from: dragged, to });
    setDragged(null);
    setOver(null);
  };

  return (
    <ol className={classes.videos}>
      {list.videos.map((video, index) => (
        <li
          key={video._id}
          className={classes.video}
          draggable={isOwn}
          data-dragged={dragged === index || undefined}
          data-over={
            (dragged !== null &&
              over === index &&
              dragged !== index &&
              (index > dragged ? "after" : "before")) ||
            undefined
          }
          onDragStart={(event) => {
            event.dataTransfer.effectAllowed = "move";
            event.dataTransfer.setData("text/plain", video._id);
            setDragged(index);
          }}
          onDragOver={(event) => {
            if (dragged === null) return;
            event.preventDefault();
            setOver(index);
          }}
          onDrop={(event) => drop(event, index)}
          onDragEnd={() => {
            setDragged(null);
            setOver(null);
          }}
        >
          <span className={classes.number} aria-hidden>
            {isOwn ? <GripVertical size={18} /> : index + 1}
          </span>
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
                    onClick={() => move.mutate({ from: index, to: index - 1 })}
                  >
                    {t("playlist.up")}
                  </Menu.Item>
                  <Menu.Item
                    leftSection={<ArrowDown size={18} />}
                    disabled={index === list.videos.length - 1}
                    onClick={() => move.mutate({ from: index, to: index + 1 })}
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
      ))}
    </ol>
  );
}

export default function PlaylistPage() {
  const { t } = useTranslation(["library", "common"]);
  const id = useParams().id ?? "";
  const me = useMe();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { data: list, error, refetch, isPending } = useQuery(playlistQuery(id));
  const destroy = useMutation({
    mutationFn: () =>
      unwrap(api.DELETE("/api/v1/playlist/{playlistId}", { params: { path: { playlistId: id } } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["playlists"] });
      void navigate("/playlists");
    },
  });
  if (isNotFound(error)) return <NotFoundPage />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending || !list) return <RowsSkeleton count={6} />;
  const isLater = id === "watch-later";
  const isOwn = list.owner._id === me?._id;
  const first = list.videos[0];
  const name = isLater ? t("later.title") : list.name;
  const random = list.videos[Math.floor(Math.random() * list.videos.length)];
  return (
    <Page title={name} isTitleUnseen>
      <div className={classes.page}>
        <aside className={classes.about}>
          {list.thumbnail && (
            <img src={list.thumbnail} alt="" width={640} height={360} className={classes.cover} />
          )}
          <p className={classes.name} aria-hidden>
            {name}
          </p>
          <p>
            <Link to={`/@${list.owner.username}`}>
              <strong>{list.owner.fullName}</strong>
            </Link>
          </p>
          <p className="soft">
            {t("playlists.videos", { count: list.totalVideos })} ·{" "}
            {t(`common:video.visibility.${list.visibility as "private"}`)}
          </p>
          {list.description && <p className={classes.text}>{list.description}</p>}
          {first && (
            <div className={classes.actions}>
              <Button
                component={Link}
                to={`/watch/${first._id}?list=${id}`}
                leftSection={<Play size={18} fill="currentColor" />}
              >
                {t("playlist.play")}
              </Button>
              <Button
                component={Link}
                to={`/watch/${random?._id ?? first._id}?list=${id}`}
                variant="default"
                leftSection={<Shuffle size={18} />}
              >
                {t("playlist.shuffle")}
              </Button>
            </div>
          )}
          {isOwn && !isLater && (
            <Menu>
              <Menu.Target>
                <Button variant="subtle" color="gray" leftSection={<Trash2 size={16} />}>
                  {t("playlist.delete")}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Label>{t("playlist.sure")}</Menu.Label>
                <Menu.Item color="red" onClick={() => destroy.mutate()}>
                  {t("playlist.delete")}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </aside>
        {first ? (
          <Videos list={list} isOwn={isOwn} />
        ) : (
          <EmptyState icon={ListVideo} title={t("playlist.empty.title")} text={t("playlist.empty.text")} />
        )}
      </div>
    </Page>
  );
}
