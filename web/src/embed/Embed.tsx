import { Hourglass, VideoOff } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Playback, Video } from "@/api/types";
import { instance } from "@/app/instance";
import { loadHls } from "@/features/watch/player/engine";
import { Player } from "@/features/watch/player/Player";
import classes from "./Embed.module.css";
import type { Options } from "./options";

// It is needed in a moment; it loads while the video is asked for.
void loadHls();

const LOOK_AGAIN_MS = 10_000;

type Found =
  | { kind: "waiting" }
  | { kind: "there"; video: Video; playback: Playback; at: number; number: number }
  | { kind: "preparing" }
  | { kind: "missing" }
  | { kind: "unreachable" };

/** As anybody may see it: without cookies, so that a frame never shows what is only for whoever is signed in. */
async function ask<T>(path: string): Promise<{ status: number; data: T | null }> {
  const response = await fetch(path, { credentials: "omit", headers: { "X-Requested-With": "fetch" } });
  const body = (await response.json()) as { data?: T };
  return { status: response.status, data: response.ok ? (body.data ?? null) : null };
}

async function find(id: string): Promise<Found> {
  try {
    const path = `/api/v1/videos/${encodeURIComponent(id)}`;
    const [video, playback] = await Promise.all([ask<Video>(path), ask<Playback>(`${path}/playback`)]);
    if (video.data === null) return { kind: video.status >= 500 ? "unreachable" : "missing" };
    if (playback.data?.hls || playback.data?.videoFile)
      return { kind: "there", video: video.data, playback: playback.data, at: 0, number: 1 };
    return { kind: video.data.status === "processing" ? "preparing" : "missing" };
  } catch {
    return { kind: "unreachable" };
  }
}

export function Embed({ id, options }: { id: string; options: Options }) {
  const { t } = useTranslation(["watch", "common"]);
  const [found, setFound] = useState<Found>({ kind: "waiting" });
  const look = useCallback(() => find(id).then(setFound), [id]);
  useEffect(() => void look(), [look]);
  useEffect(() => {
    if (found.kind !== "preparing") return;
    const timer = setTimeout(() => void look(), LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [found, look]);

  if (found.kind === "waiting") return <div className={classes.page} />;
  if (found.kind !== "there") {
    const Icon = found.kind === "preparing" ? Hourglass : VideoOff;
    const text =
      found.kind === "preparing"
        ? t("processing")
        : found.kind === "missing"
          ? t("embed.missing")
          : t("common:error.unreachable");
    return (
      <main className={classes.page}>
        <div className={classes.state}>
          <Icon size={36} aria-hidden />
          <p>{text}</p>
          {found.kind === "unreachable" && (
            <button type="button" className={classes.again} onClick={() => void look()}>
              {t("common:retry")}
            </button>
          )}
        </div>
      </main>
    );
  }

  const { video, playback } = found;
  const renew = (at: number) =>
    void find(id).then((again) =>
      setFound(again.kind === "there" ? { ...again, at, number: found.number + 1 } : again),
    );
  return (
    <main className={classes.page}>
      <Player
        key={found.number}
        video={video}
        playback={playback}
        beginning={{
          at: found.number === 1 ? options.at : found.at,
          isAuto: options.isAuto || found.number > 1,
          source: "embed",
          isAnonymous: true,
          ...(options.isMuted && { isMuted: true }),
        }}
        isLooped={options.isLooped}
        hasControls={options.hasControls}
        onEnded={renew}
        next={null}
      />
      <a
        className={classes.title}
        href={`${instance.publicUrl}/watch/${video._id}`}
        target="_blank"
        rel="noopener"
      >
        <span>{video.title}</span>
        <span className={classes.where}>
          {t("embed.watchOn", { site: new URL(instance.publicUrl).host })}
        </span>
      </a>
    </main>
  );
}
