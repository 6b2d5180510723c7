// A video and what is said about it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Hourglass, VideoOff } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";
import type { Playback, Video } from "@/api/types";
import NotFoundPage from "@/app/NotFoundPage";
import { useEvent, useVideoEvents } from "@/events/useEvents";
import { playlistQuery } from "@/features/library/save";
import { isNotFound } from "@/lib/errors";
import { seconds } from "@/lib/format";
import { Bone } from "@/ui/Skeletons";
import { ErrorState } from "@/ui/States";
import { useTitle } from "@/ui/useTitle";
import { About } from "./About";
import { Comments } from "./comments/Comments";
import { cameFrom } from "./origin";
import { loadHls } from "./player/engine";
import { Player, type PlayerHandle } from "./player/Player";
import { prefer, preferences } from "./player/preferences";
import { playbackQuery, relatedQuery, videoQuery } from "./queries";
import { TweetsAbout } from "./TweetsAbout";
import { UpNext } from "./UpNext";
import classes from "./WatchPage.module.css";

// The engine is needed in a moment; it loads while the video is asked for.
void loadHls();

const LOOK_AGAIN_MS = 30_000;

/** What stands where the player would be while there is nothing to play. */
function NotYet({ video }: { video: Video }) {
  const { t } = useTranslation("watch");
  const isOver = video.status === "failed" || video.status === "rejected";
  const Icon = isOver ? VideoOff : Hourglass;
  return (
    <div className={classes.notYet}>
      <Icon size={40} aria-hidden />
      <p>{isOver ? (video.statusReason ?? t("failed")) : t("processing")}</p>
      {!isOver && <progress value={video.progress} max={1} aria-label={t("processing")} />}
    </div>
  );
}

function useLive(id: string): void {
  const queries = useQueryClient();
  useVideoEvents(id);
  const renew = (data: { video: string }) => {
    if (data.video === id) void queries.invalidateQueries({ queryKey: ["video", id], exact: true });
  };
  useEvent("video.updated", renew);
  useEvent("video.removed", renew);
  useEvent("like.changed", ({ video, likesCount }) => {
    if (video === id)
      queries.setQueryData(videoQuery(id).queryKey, (data) => data && { ...data, likesCount });
  });
  useEvent("views.changed", ({ video, views }) => {
    if (video === id) queries.setQueryData(videoQuery(id).queryKey, (data) => data && { ...data, views });
  });
  useEvent("tweet.created", ({ video }) => {
    if (video === id) void queries.invalidateQueries({ queryKey: ["tweets", { videoId: id }] });
  });
}

function useNext(id: string, list: string | null) {
  const navigate = useNavigate();
  const related = useQuery(relatedQuery(id));
  const playlist = useQuery({ ...playlistQuery(list ?? ""), enabled: list !== null });
  const inList = playlist.data?.videos ?? [];
  const at = inList.findIndex((one) => one._id === id);
  const next = at >= 0 ? inList[at + 1] : related.data?.[0];
  const query = at >= 0 && list ? `?list=${list}` : "";
  return {
    related,
    playlist: playlist.data,
    next: next ? { title: next.title, go: () => void navigate(`/watch/${next._id}${query}`) } : null,
  };
}

function Watching({ id }: { id: string }) {
  const { t } = useTranslation("watch");
  const [parameters] = useSearchParams();
  const player = useRef<PlayerHandle>(null);
  const [isTheatre, setIsTheatre] = useState(() => preferences().isTheatre);
  const video = useQuery({ ...videoQuery(id), refetchInterval: LOOK_AGAIN_MS });
  const isPlayable = video.data === undefined || Boolean(video.data.hls || video.data.videoFile);
  const playback = useQuery({ ...playbackQuery(id), enabled: isPlayable });
  const playing = useRef<{ playback: Playback; at: number; number: number; isOver: boolean } | null>(null);
  const source = useRef(parameters.get("list") ? "playlist" : cameFrom());
  const { related, playlist, next } = useNext(id, parameters.get("list"));
  useLive(id);
  useTitle(video.data?.title);

  // What was known when the page was opened; later changes must not move the player.
  const asked = seconds(parameters.get("t"));
  const first = useRef<{ at: number; isResumed: boolean } | null>(null);
  if (first.current === null && video.data) {
    const resumeAt = video.data.resumeAt ?? 0;
    first.current = { at: asked ?? resumeAt, isResumed: asked === null && resumeAt > 0 };
  }

  if (isNotFound(video.error)) return <NotFoundPage />;
  if (video.error && !video.data)
    return <ErrorState error={video.error} onRetry={() => void video.refetch()} />;

  const seek = (at: number) => {
    player.current?.seek(at);
    window.scrollTo({ top: 0, behavior: "smooth" });
  };
  const theatre = () => {
    prefer({ isTheatre: !isTheatre });
    setIsTheatre(!isTheatre);
  };

  // What plays goes on with the addresses that it began with. Those of what is not public end; then there are new ones
  // from the same place on.
  const hasSource = Boolean(playback.data?.hls || playback.data?.videoFile);
  const isNew = playing.current?.isOver && playback.data !== playing.current.playback;
  if (hasSource && playback.data && (playing.current === null || isNew)) {
    const place = playing.current ?? { at: first.current?.at ?? 0, number: 0 };
    playing.current = { playback: playback.data, at: place.at, number: place.number + 1, isOver: false };
  }
  const renew = (at: number) => {
    if (playing.current) playing.current = { ...playing.current, at, isOver: true };
    void playback.refetch();
  };

  return (
    <div className={classes.page} data-theatre={isTheatre || undefined}>
      <div className={classes.stage}>
        {video.data && playing.current && first.current ? (
          <Player
            key={playing.current.number}
            ref={player}
            video={video.data}
            playback={playing.current.playback}
            beginning={{
              at: playing.current.number === 1 ? first.current.at : playing.current.at,
              isAuto: true,
              source: source.current,
            }}
            isResumed={first.current.isResumed && playing.current.number === 1}
            onEnded={renew}
            theatre={{ isOn: isTheatre, toggle: theatre }}
            next={next}
          />
        ) : video.data && (!isPlayable || playback.data || playback.error) ? (
          <NotYet video={video.data} />
        ) : (
          <div className={classes.blank} />
        )}
      </div>
      <div className={classes.main}>
        {video.data ? (
          <About video={video.data} onSeek={seek} time={() => player.current?.time() ?? 0} />
        ) : (
          <div className={classes.bones}>
            <Bone width="70%" height={28} />
            <Bone width="40%" height={40} />
          </div>
        )}
        {video.data && (
          <TweetsAbout video={video.data} onSeek={seek} time={() => player.current?.time() ?? 0} />
        )}
        {video.data && <Comments video={video.data} onSeek={seek} />}
      </div>
      <aside className={classes.side} aria-label={t("upNext")}>
        <UpNext id={id} related={related} {...(playlist ? { playlist } : {})} list={parameters.get("list")} />
      </aside>
    </div>
  );
}

export default function WatchPage() {
  const { id = "" } = useParams();
  // Another video is another page: nothing of the last one stays.
  return <Watching key={id} id={id} />;
}
