// The player: the video, what is laid over it, and what its controls do.
import {
  FastForward,
  Gauge,
  LoaderCircle,
  Pause,
  Play,
  Rewind,
  RotateCcw,
  Volume1,
  Volume2,
  VolumeX,
} from "lucide-react";
import { type Ref, useCallback, useEffect, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Playback, Video } from "@/api/types";
import { clock } from "@/lib/format";
import { toast } from "@/ui/toasts";
import { After, type Next } from "./After";
import { CaptionLine } from "./CaptionLine";
import { Controls } from "./Controls";
import { Flash, type Flashed } from "./Flash";
import { useKeys } from "./keys";
import { useMediaSession } from "./mediaSession";
import classes from "./Player.module.css";
import { prefer, preferences } from "./preferences";
import { RATES } from "./SettingsMenu";
import { type Beginning, usePlayback } from "./usePlayback";
import { useVideoState } from "./useVideoState";

export interface PlayerHandle {
  seek: (to: number) => void;
  time: () => number;
}

interface Props {
  video: Video;
  playback: Playback;
  beginning: Beginning;
  /** Say that it went on where one stopped. */
  isResumed?: boolean;
  /** Absent: there is no wide view here. */
  theatre?: { isOn: boolean; toggle: () => void };
  /** Begins again at the end. */
  isLooped?: boolean;
  /** `false`: the video alone. */
  hasControls?: boolean;
  /** The addresses have ended at this place of the video. */
  onEnded: (at: number) => void;
  /** What comes next, if anything does. */
  next: Next | null;
  ref?: Ref<PlayerHandle>;
}

const HIDE_MS = 2_800;
const DOUBLE_TAP_MS = 300;
const TAP_S = 10;

export function Player({
  video,
  playback,
  beginning,
  isResumed = false,
  theatre,
  isLooped = false,
  hasControls = true,
  onEnded,
  next,
  ref,
}: Props) {
  const { t } = useTranslation(["watch", "common"]);
  const frame = useRef<HTMLDivElement>(null);
  const element = useRef<HTMLVideoElement>(null);
  const hiding = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const tapped = useRef({ at: 0, x: 0 });
  const [chosen, setChosen] = useState(-1);
  const [language, setLanguage] = useState(() => preferences().captions);
  const [isFull, setIsFull] = useState(false);
  const [isIdle, setIsIdle] = useState(false);
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const [said, setSaid] = useState("");
  const [flashed, setFlashed] = useState<Flashed | null>(null);
  const state = useVideoState(element, video.duration);
  const start = useRef({ at: beginning.at, isResumed });
  const { engine, qualities, height, hasFailed } = usePlayback(element, video, playback, beginning, {
    onEnded,
  });
  useMediaSession(element, video, next?.go ?? null);

  const flash = (shown: Omit<Flashed, "number">) =>
    setFlashed((before) => ({ ...shown, number: (before?.number ?? 0) + 1 }));
  const seek = useCallback((to: number) => {
    const target = element.current;
    if (target) target.currentTime = Math.max(0, Math.min(to, target.duration || to));
  }, []);
  useImperativeHandle(ref, () => ({ seek, time: () => element.current?.currentTime ?? 0 }), [seek]);

  const wasTold = useRef(false);
  useEffect(() => {
    if (!start.current.isResumed || wasTold.current) return;
    wasTold.current = true;
    toast({
      text: t("player.resumed", { time: clock(start.current.at) }),
      action: { label: t("player.startOver"), run: () => seek(0) },
    });
  }, [seek, t]);

  useEffect(() => {
    const look = () => setIsFull(document.fullscreenElement === frame.current);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, []);

  const wake = () => {
    setIsIdle(false);
    clearTimeout(hiding.current);
    hiding.current = setTimeout(() => setIsIdle(true), HIDE_MS);
  };
  useEffect(() => () => clearTimeout(hiding.current), []);

  const toggle = () => {
    const target = element.current;
    if (!target) return;
    if (target.paused) void target.play().catch(() => {});
    else target.pause();
  };
  const seekBy = (by: number) => {
    seek((element.current?.currentTime ?? 0) + by);
    flash({
      icon: by < 0 ? Rewind : FastForward,
      text: `${Math.abs(by)} s`,
      side: by < 0 ? "left" : "right",
    });
  };
  const mute = () => {
    const target = element.current;
    if (!target) return;
    target.muted = !target.muted;
    prefer({ isMuted: target.muted });
  };
  const setVolume = (volume: number) => {
    const target = element.current;
    if (!target) return;
    target.volume = Math.min(1, Math.max(0, volume));
    target.muted = target.volume === 0;
    prefer({ volume: target.volume, isMuted: target.muted });
    setSaid(t("player.volumeAt", { percent: Math.round(target.volume * 100) }));
  };
  const setRate = (rate: number) => {
    if (element.current) element.current.playbackRate = rate;
    prefer({ rate });
    setSaid(`${rate}×`);
  };
  const full = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (frame.current?.requestFullscreen) void frame.current.requestFullscreen();
    // A phone by Apple has it for the video alone.
    else
      (
        element.current as HTMLVideoElement & { webkitEnterFullscreen?: () => void }
      )?.webkitEnterFullscreen?.();
  };
  const pictureInPicture = () => {
    if (document.pictureInPictureElement) void document.exitPictureInPicture();
    else void element.current?.requestPictureInPicture?.().catch(() => {});
  };
  const speak = (to: string) => {
    setLanguage(to);
    prefer({ captions: to });
  };
  const { captions } = playback;
  const isSpoken = captions.some((one) => one.language === language);
  const toggleCaptions = () => speak(isSpoken ? "" : (captions[0]?.language ?? ""));

  useKeys(
    frame,
    {
      toggle: () => {
        flash({ icon: state.isPaused ? Play : Pause });
        toggle();
      },
      seekBy,
      seekTo: (part) => seek(state.duration * part),
      frame: (by) => {
        // The rate of a video is not known here; a 25th of a second is a picture of most.
        if (element.current?.paused) seek(element.current.currentTime + by / 25);
      },
      louder: (by) => {
        const volume = Math.min(1, Math.max(0, state.volume + by));
        setVolume(volume);
        flash({ icon: volume < 0.5 ? Volume1 : Volume2, text: `${Math.round(volume * 100)} %` });
      },
      faster: (by) => {
        const at = RATES.indexOf(state.rate);
        const rate = RATES[Math.min(RATES.length - 1, Math.max(0, at + by))] ?? 1;
        setRate(rate);
        flash({ icon: Gauge, text: `${rate}×` });
      },
      mute: () => {
        flash({ icon: state.isMuted ? Volume2 : VolumeX });
        mute();
      },
      full,
      theatre: () => theatre?.toggle(),
      captions: toggleCaptions,
      pictureInPicture,
      next: () => next?.go(),
    },
    wake,
  );

  const areHidden = isIdle && !state.isPaused && !isMenuOpen;
  /** With a finger, the first tap only shows the controls; two on one side jump. */
  const touch = (x: number) => {
    const box = frame.current?.getBoundingClientRect();
    const part = box ? (x - box.left) / box.width : 0.5;
    const now = performance.now();
    const isDouble = now - tapped.current.at < DOUBLE_TAP_MS && Math.abs(x - tapped.current.x) < 80;
    tapped.current = { at: now, x };
    if (isDouble && part < 0.4) seekBy(-TAP_S);
    else if (isDouble && part > 0.6) seekBy(TAP_S);
    else if (isDouble) full();
    else if (areHidden || state.isPaused) {
      if (!areHidden) toggle();
    } else setIsIdle(true);
  };

  return (
    <section
      ref={frame}
      className={classes.player}
      data-hidden={areHidden || !hasControls || undefined}
      data-vertical={video.height > video.width || undefined}
      data-full={isFull || undefined}
      data-bare={!hasControls || undefined}
      aria-label={t("player.label", { title: video.title })}
      onPointerMove={(event) => event.pointerType === "mouse" && wake()}
      onPointerLeave={() => setIsIdle(true)}
      onFocus={wake}
    >
      {/* biome-ignore lint/a11y/useMediaCaption: the tracks are those that there are */}
      <video
        ref={element}
        className={classes.video}
        playsInline
        preload="auto"
        loop={isLooped}
        poster={video.thumbnail ?? undefined}
        tabIndex={-1}
        onClick={(event) => {
          const isTouch = (event.nativeEvent as globalThis.PointerEvent).pointerType === "touch";
          if (isTouch) touch(event.clientX);
          else toggle();
          wake();
        }}
        onDoubleClick={(event) => {
          if ((event.nativeEvent as globalThis.PointerEvent).pointerType !== "touch") full();
        }}
      >
        {captions.map((one) => (
          <track key={one.url} kind="subtitles" srcLang={one.language} label={one.label} src={one.url} />
        ))}
      </video>
      {isSpoken && <CaptionLine key={`${video._id}${language}`} video={element} language={language} />}
      <span className="unseen" role="status">
        {said}
      </span>
      <Flash shown={flashed} />

      {hasFailed && (
        <div className={classes.over} role="alert">
          <p>{t("player.failed")}</p>
          <button type="button" className={classes.pill} onClick={() => location.reload()}>
            <RotateCcw size={18} aria-hidden /> {t("common:retry")}
          </button>
        </div>
      )}
      {!hasFailed && !state.hasStarted && state.isPaused && (
        <button type="button" className={classes.large} onClick={toggle} aria-label={t("player.play")}>
          <Play size={34} fill="currentColor" />
        </button>
      )}
      {!hasFailed && state.isWaiting && !state.isPaused && (
        <div className={classes.spinner}>
          <LoaderCircle size={56} aria-label={t("common:loading")} />
        </div>
      )}
      {state.hasEnded && (
        <After
          next={next}
          onReplay={() => {
            seek(0);
            toggle();
          }}
        />
      )}
      {hasControls && (
        <Controls
          state={state}
          playback={playback}
          next={next}
          qualities={qualities}
          chosen={chosen}
          height={height}
          language={isSpoken ? language : ""}
          isFull={isFull}
          isTheatre={theatre ? theatre.isOn : null}
          onSeek={(to) => {
            seek(to);
            wake();
          }}
          onToggle={toggle}
          onMute={mute}
          onVolume={setVolume}
          onQuality={(level) => {
            engine.current?.choose(level);
            setChosen(level);
          }}
          onRate={setRate}
          onCaptions={speak}
          onToggleCaptions={toggleCaptions}
          onPictureInPicture={pictureInPicture}
          onTheatre={() => theatre?.toggle()}
          onFull={full}
          onMenu={setIsMenuOpen}
        />
      )}
    </section>
  );
}
