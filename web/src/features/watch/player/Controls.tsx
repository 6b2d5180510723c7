// The bar below the video: the place in it, and the buttons.
import { UnstyledButton } from "@mantine/core";
import {
  Captions,
  CaptionsOff,
  Maximize,
  Minimize,
  Pause,
  PictureInPicture2,
  Play,
  RectangleHorizontal,
  SkipForward,
  Volume1,
  Volume2,
  VolumeX,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Playback } from "@/api/types";
import { clock } from "@/lib/format";
import type { Next } from "./After";
import type { Quality } from "./engine";
import classes from "./Player.module.css";
import { SeekBar } from "./SeekBar";
import { SettingsMenu } from "./SettingsMenu";
import type { VideoState } from "./useVideoState";

interface Props {
  state: VideoState;
  playback: Playback;
  next: Next | null;
  qualities: Quality[];
  chosen: number;
  height: number;
  /** Of subtitles that are shown; empty: none. */
  language: string;
  isFull: boolean;
  /** `null`: there is no wide view here. */
  isTheatre: boolean | null;
  onSeek: (to: number) => void;
  onToggle: () => void;
  onMute: () => void;
  onVolume: (volume: number) => void;
  onQuality: (level: number) => void;
  onRate: (rate: number) => void;
  onCaptions: (language: string) => void;
  onToggleCaptions: () => void;
  onPictureInPicture: () => void;
  onTheatre: () => void;
  onFull: () => void;
  onMenu: (isOpen: boolean) => void;
}

export function Controls(props: Props) {
  const { state, playback, next, language, isFull, isTheatre } = props;
  const { t } = useTranslation("watch");
  const { captions, chapters } = playback;
  const chapter = chapters.find((one) => state.time >= one.start && state.time < one.end);
  const Volume = state.isMuted || state.volume === 0 ? VolumeX : state.volume < 0.5 ? Volume1 : Volume2;
  return (
    <div className={classes.controls}>
      <SeekBar
        time={state.time}
        duration={state.duration}
        buffered={state.buffered}
        chapters={chapters}
        storyboard={playback.storyboard}
        onSeek={props.onSeek}
      />
      <div className={classes.buttons}>
        <UnstyledButton
          className={classes.button}
          onClick={props.onToggle}
          aria-label={state.isPaused ? t("player.play") : t("player.pause")}
        >
          {state.isPaused ? <Play size={24} fill="currentColor" /> : <Pause size={24} fill="currentColor" />}
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
            onClick={props.onMute}
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
            onChange={(event) => props.onVolume(event.currentTarget.valueAsNumber)}
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
            onClick={props.onToggleCaptions}
            aria-pressed={language !== ""}
            aria-label={t("player.captions")}
          >
            {language ? <Captions size={22} /> : <CaptionsOff size={22} />}
          </UnstyledButton>
        )}
        <SettingsMenu
          qualities={props.qualities}
          chosen={props.chosen}
          height={props.height}
          rate={state.rate}
          captions={captions}
          language={language}
          hasNext={next !== null}
          onQuality={props.onQuality}
          onRate={props.onRate}
          onCaptions={props.onCaptions}
          onOpen={props.onMenu}
        />
        {document.pictureInPictureEnabled && (
          <UnstyledButton
            className={`${classes.button} ${classes.wideOnly}`}
            onClick={props.onPictureInPicture}
            aria-label={t("player.pip")}
          >
            <PictureInPicture2 size={20} />
          </UnstyledButton>
        )}
        {isTheatre !== null && (
          <UnstyledButton
            className={`${classes.button} ${classes.wideOnly}`}
            onClick={props.onTheatre}
            aria-pressed={isTheatre}
            aria-label={t("player.theatre")}
          >
            <RectangleHorizontal size={22} />
          </UnstyledButton>
        )}
        {document.fullscreenEnabled !== false && (
          <UnstyledButton
            className={classes.button}
            onClick={props.onFull}
            aria-label={isFull ? t("player.exitFull") : t("player.full")}
          >
            {isFull ? <Minimize size={22} /> : <Maximize size={22} />}
          </UnstyledButton>
        )}
      </div>
    </div>
  );
}
