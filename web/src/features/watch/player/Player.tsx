// The player: the video, what is laid over it, and the keys.
import { UnstyledButton } from "@mantine/core";
import {
  Captions,
  CaptionsOff,
  LoaderCircle,
  Maximize,
  Minimize,
  Pause,
  PictureInPicture2,
  Play,
  RectangleHorizontal,
  RotateCcw,
  SkipForward,
  Volume1,
  Volume2,
  VolumeX,
} from "lucide-react";
import { type Ref, useCallback, useEffect, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Playback, Video } from "@/api/types";
import { clock } from "@/lib/format";
import { toast } from "@/ui/toasts";
import { sendBeacon, Watching } from "./beacons";
import { CaptionLine } from "./CaptionLine";
import { attach, type Engine, type Quality } from "./engine";
import classes from "./Player.module.css";
import { prefer, preferences } from "./preferences";
import { SeekBar } from "./SeekBar";
import { RATES, SettingsMenu } from "./SettingsMenu";
import { useVideoState } from "./useVideoState";

export interface PlayerHandle {
  seek: (to: number) => void;
  time: () => number;
}

interface Props {
  video: Video;
  playback: Playback;
  /** Where to begin, in seconds. */
  startAt: number;
  /** Say that it went on where one stopped. */
  isResumed: boolean;
  isTheatre: boolean;
  onTheatre: () => void;
  /** The addresses have ended at this place of the video. */
  onEnded: (at: number) => void;
  /** What comes next, if anything does. */
  next: { title: string; go: () => void } | null;
  ref: Ref<PlayerHandle>;
}

const HIDE_MS = 2_800;
const NEXT_S = 8;

export function Player({
  video,
  playback,
  startAt,
  isResumed,
  isTheatre,
  onTheatre,
  onEnded,
  next,
  ref,
}: Props) {
  const { t } = useTranslation(["watch", "common"]);
  const frame = useRef<HTMLDivElement>(null);
  const element = useRef<HTMLVideoElement>(null);
  const engine = useRef<Engine | null>(null);
  const hiding = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [qualities, setQualities] = useState<Quality[]>([]);
  const [chosen, setChosen] = useState(-1);
  const [height, setHeight] = useState(0);
  const [language, setLanguage] = useState(() => preferences().captions);
  const [isFull, setIsFull] = useState(false);
  const [isIdle, setIsIdle] = useState(false);
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const [hasFailed, setHasFailed] = useState(false);
  const [said, setSaid] = useState("");
  const state = useVideoState(element, video.duration);
  const start = useRef({ at: startAt, isResumed });
  const kept = useRef({ playback, onEnded });
  useEffect(() => {
    kept.current = { playback, onEnded };
  });

  // The video goes into the element, and what is watched of it to the server.
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const liked = preferences();
    target.volume = liked.volume;
    target.muted = liked.isMuted;
    const began = performance.now();
    const watching = new Watching(crypto.randomUUID(), (beacon, isLast) =>
      sendBeacon(video._id, beacon, isLast),
    );
    let isGone = false;
    let hasStarted = false;
    let stalledAt: number | null = null;
    const hasEnded = () => {
      const { expiresAt } = kept.current.playback;
      return Boolean(expiresAt) && Date.now() > Date.parse(expiresAt ?? "");
    };
    const on: Record<string, () => void> = {
      playing: () => {
        if (!hasStarted) {
          hasStarted = true;
          target.playbackRate = preferences().rate;
          watching.started(performance.now() - began, target.currentTime);
        } else if (stalledAt !== null) {
          watching.stalled(performance.now() - stalledAt);
        }
        stalledAt = null;
      },
      waiting: () => {
        if (hasStarted && !target.seeking) stalledAt = performance.now();
      },
      timeupdate: () => {
        if (hasStarted && !target.paused && !target.seeking)
          watching.at(target.currentTime, target.playbackRate);
      },
      pause: () => {
        if (hasStarted && !target.ended) watching.paused(target.currentTime);
      },
      ended: () => watching.ended(target.currentTime),
    };
    for (const [name, listener] of Object.entries(on)) target.addEventListener(name, listener);
    const leave = () => watching.left(target.currentTime);
    window.addEventListener("pagehide", leave);
    attach(target, { hls: playback.hls, file: playback.videoFile, hasEnded }, start.current.at, {
      onQualities: setQualities,
      onQuality: setHeight,
      onFailed: () => {
        const { expiresAt } = kept.current.playback;
        if (expiresAt && Date.now() > Date.parse(expiresAt)) kept.current.onEnded(target.currentTime);
        else setHasFailed(true);
      },
    }).then(
      (made) => {
        if (isGone) return made.destroy();
        engine.current = made;
        // Where the browser lets nothing begin by itself, the large button waits.
        void target.play().catch(() => {});
      },
      () => setHasFailed(true),
    );
    return () => {
      isGone = true;
      leave();
      for (const [name, listener] of Object.entries(on)) target.removeEventListener(name, listener);
      window.removeEventListener("pagehide", leave);
      engine.current?.destroy();
      engine.current = null;
    };
  }, [video._id, playback.hls, playback.videoFile]);

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
  const replay = () => {
    seek(0);
    toggle();
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
  const captions = playback.captions;
  const isSpoken = captions.some((one) => one.language === language);
  const toggleCaptions = () => speak(isSpoken ? "" : (captions[0]?.language ?? ""));

  const keys = useRef<(event: KeyboardEvent) => void>(() => {});
  keys.current = (event) => {
    const target = event.target as HTMLElement;
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      target.closest("input, textarea, select, [contenteditable], [role=menu], [role=dialog]")
    )
      return;
    const isOnControl = target.closest("button, a, [role=slider]") !== null;
    const at = element.current?.currentTime ?? 0;
    const rate = RATES.indexOf(state.rate);
    const actions: Record<string, () => void> = {
      k: toggle,
      j: () => seek(at - 10),
      l: () => seek(at + 10),
      // biome-ignore lint/correctness/noComponentHookFactories: the name of a key
      ArrowLeft: () => seek(at - 5),
      // biome-ignore lint/correctness/noComponentHookFactories: the name of a key
      ArrowRight: () => seek(at + 5),
      m: mute,
      f: full,
      t: onTheatre,
      c: toggleCaptions,
      i: pictureInPicture,
      n: () => next?.go(),
      "<": () => setRate(RATES[Math.max(0, rate - 1)] ?? 1),
      ">": () => setRate(RATES[Math.min(RATES.length - 1, rate + 1)] ?? 1),
      // biome-ignore lint/correctness/noComponentHookFactories: the name of a key
      Home: () => seek(0),
      // biome-ignore lint/correctness/noComponentHookFactories: the name of a key
      End: () => seek(state.duration),
    };
    // Space and arrows belong to what has the focus.
    if (!isOnControl) actions[" "] = toggle;
    if (frame.current?.contains(target) && !isOnControl) {
      actions.ArrowUp = () => setVolume(state.volume + 0.05);
      actions.ArrowDown = () => setVolume(state.volume - 0.05);
    }
    if (/^[0-9]$/.test(event.key)) actions[event.key] = () => seek((state.duration * Number(event.key)) / 10);
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
    wake();
  };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => keys.current(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);

  const areHidden = isIdle && !state.isPaused && !isMenuOpen;
  const chapter = playback.chapters.find((one) => state.time >= one.start && state.time < one.end);
  const Volume = state.isMuted || state.volume === 0 ? VolumeX : state.volume < 0.5 ? Volume1 : Volume2;
  const isVertical = video.height > video.width;

  return (
    <section
      ref={frame}
      className={classes.player}
      data-hidden={areHidden || undefined}
      data-vertical={isVertical || undefined}
      data-full={isFull || undefined}
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
        poster={video.thumbnail ?? undefined}
        tabIndex={-1}
        onClick={(event) => {
          // With a finger, the first tap only shows the controls.
          if ((event.nativeEvent as globalThis.PointerEvent).pointerType === "touch" && areHidden)
            return wake();
          toggle();
          wake();
        }}
        onDoubleClick={full}
      >
        {captions.map((one) => (
          <track key={one.url} kind="subtitles" srcLang={one.language} label={one.label} src={one.url} />
        ))}
      </video>
      {isSpoken && <CaptionLine key={`${video._id}${language}`} video={element} language={language} />}
      <span className="unseen" role="status">
        {said}
      </span>

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
      {state.hasEnded && <After next={next} onReplay={replay} />}

      <div className={classes.controls}>
        <SeekBar
          time={state.time}
          duration={state.duration}
          buffered={state.buffered}
          chapters={playback.chapters}
          storyboard={playback.storyboard}
          onSeek={(to) => {
            seek(to);
            wake();
          }}
        />
        <div className={classes.buttons}>
          <UnstyledButton
            className={classes.button}
            onClick={toggle}
            aria-label={state.isPaused ? t("player.play") : t("player.pause")}
          >
            {state.isPaused ? (
              <Play size={24} fill="currentColor" />
            ) : (
              <Pause size={24} fill="currentColor" />
            )}
          </UnstyledButton>
          {next && (
            <UnstyledButton
              className={classes.button}
              onClick={next.go}
              aria-label={t("player.next", { title: next.title })}
              title={next.title}
            >
              <SkipForward size={20} fill="currentColor" />
            </UnstyledButton>
          )}
          <div className={classes.volume}>
            <UnstyledButton
              className={classes.button}
              onClick={mute}
              aria-label={state.isMuted ? t("player.unmute") : t("player.mute")}
            >
              <Volume size={22} />
            </UnstyledButton>
            <input
              type="range"
              min={0}
              max={1}
              step={0.05}
              value={state.isMuted ? 0 : state.volume}
              aria-label={t("player.volume")}
              onChange={(event) => setVolume(event.currentTarget.valueAsNumber)}
            />
          </div>
          <span className={classes.time}>
            {clock(state.time)} / {clock(Math.round(state.duration))}
          </span>
          {chapter && <span className={classes.chapter}>{chapter.title}</span>}
          <span className={classes.space} />
          {captions.length > 0 && (
            <UnstyledButton
              className={classes.button}
              onClick={toggleCaptions}
              aria-pressed={isSpoken}
              aria-label={t("player.captions")}
            >
              {isSpoken ? <Captions size={22} /> : <CaptionsOff size={22} />}
            </UnstyledButton>
          )}
          <SettingsMenu
            qualities={qualities}
            chosen={chosen}
            height={height}
            rate={state.rate}
            captions={captions}
            language={isSpoken ? language : ""}
            onQuality={(level) => {
              engine.current?.choose(level);
              setChosen(level);
            }}
            onRate={setRate}
            onCaptions={speak}
            onOpen={setIsMenuOpen}
          />
          {document.pictureInPictureEnabled && (
            <UnstyledButton
              className={`${classes.button} ${classes.wideOnly}`}
              onClick={pictureInPicture}
              aria-label={t("player.pip")}
            >
              <PictureInPicture2 size={20} />
            </UnstyledButton>
          )}
          <UnstyledButton
            className={`${classes.button} ${classes.wideOnly}`}
            onClick={onTheatre}
            aria-pressed={isTheatre}
            aria-label={t("player.theatre")}
          >
            <RectangleHorizontal size={22} />
          </UnstyledButton>
          <UnstyledButton
            className={classes.button}
            onClick={full}
            aria-label={isFull ? t("player.exitFull") : t("player.full")}
          >
            {isFull ? <Minimize size={22} /> : <Maximize size={22} />}
          </UnstyledButton>
        </div>
      </div>
    </section>
  );
}

/** After the end: again, or what comes next in some seconds. */
function After({ next, onReplay }: { next: Props["next"]; onReplay: () => void }) {
  const { t } = useTranslation(["watch", "common"]);
  const [left, setLeft] = useState(NEXT_S);
  const [isStopped, setIsStopped] = useState(() => !preferences().autoplay);
  const isCounting = next !== null && !isStopped;
  useEffect(() => {
    if (!isCounting) return;
    if (left === 0) return next?.go();
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, isCounting, next]);
  return (
    <div className={classes.over}>
      {next && (
        <>
          <p className={classes.upNext}>
            {isCounting ? t("player.nextIn", { count: left }) : t("player.upNext")}
          </p>
          <p className={classes.nextTitle}>{next.title}</p>
        </>
      )}
      <div className={classes.choices}>
        <button type="button" className={classes.pill} onClick={onReplay}>
          <RotateCcw size={18} aria-hidden /> {t("player.replay")}
        </button>
        {next && (
          <button type="button" className={classes.pill} data-main onClick={next.go}>
            <SkipForward size={18} aria-hidden /> {t("player.nextNow")}
          </button>
        )}
        {isCounting && (
          <button type="button" className={classes.pill} onClick={() => setIsStopped(true)}>
            {t("common:cancel")}
          </button>
        )}
      </div>
    </div>
  );
}
