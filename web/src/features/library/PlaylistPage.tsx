// A playlist: what it is, and its videos in order.
import { Button, Menu } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ListVideo, Pencil, Play, Shuffle, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { api, unwrap } from "@/api/client";
import NotFoundPage from "@/app/NotFoundPage";
import { isNotFound } from "@/lib/errors";
import { useMe } from "@/session/session";
import { Page } from "@/ui/Page";
import { RowsSkeleton } from "@/ui/Skeletons";
import { EmptyState, ErrorState } from "@/ui/States";
import classes from "./PlaylistPage.module.css";
import { PlaylistVideos } from "./PlaylistVideos";
import { playlistQuery } from "./save";

const PlaylistDialog = lazy(() => import("./PlaylistDialog"));

export default function PlaylistPage() {
  const { t } = useTranslation(["library", "common"]);
  const id = useParams().id ?? "";
  const me = useMe();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [isEdited, setIsEdited] = useState(false);
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
            <Button
              variant="subtle"
              color="gray"
              leftSection={<Pencil size={16} />}
              onClick={() => setIsEdited(true)}
            >
              {t("playlist.edit")}
            </Button>
          )}
          {isEdited && (
            <Suspense>
              <PlaylistDialog
                playlist={list}
                onClose={() => setIsEdited(false)}
                onDone={() => setIsEdited(false)}
              />
            </Suspense>
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
          <PlaylistVideos id={id} list={list} isOwn={isOwn} />
        ) : (
          <EmptyState icon={ListVideo} title={t("playlist.empty.title")} text={t("playlist.empty.text")} />
        )}
      </div>
    </Page>
  );
}
