import { Menu, UnstyledButton } from "@mantine/core";
import {
  ALargeSmall,
  Captions,
  ChevronLeft,
  ChevronRight,
  Gauge,
  PaintBucket,
  Settings,
  SlidersHorizontal,
} from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Caption } from "@/api/types";
import type { Quality } from "./engine";
import classes from "./Player.module.css";
import { CAPTION_BACKGROUNDS, CAPTION_SIZES, prefer, usePreferences } from "./preferences";

interface Props {
  qualities: Quality[];
  /** -1: automatic. */
  chosen: number;
  /** Height of what is shown. */
  height: number;
  rate: number;
  captions: Caption[];
  language: string;
  /** Something comes next, which may begin by itself. */
  hasNext: boolean;
  onQuality: (level: number) => void;
  onRate: (rate: number) => void;
  onCaptions: (language: string) => void;
  onOpen: (isOpen: boolean) => void;
}

export const RATES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
/** No language has this name. */
const NO_CAPTIONS = "-";
type Panel = "main" | "quality" | "rate" | "captions" | "size" | "background";

/** Quality, speed and subtitles, each in a panel of its own. */
export function SettingsMenu(props: Props) {
  const { qualities, chosen, height, rate, captions, language, hasNext, onOpen } = props;
  const { t } = useTranslation("watch");
  const [panel, setPanel] = useState<Panel>("main");
  const liked = usePreferences();
  const auto = height > 0 ? t("player.autoAt", { height }) : t("player.auto");
  const choices = (value: string, options: [string, string][], pick: (value: string) => void) => (
    <Menu.RadioGroup
      value={value}
      onChange={(to) => {
        pick(to);
        setPanel("main");
      }}
    >
      {options.map(([name, label]) => (
        <Menu.RadioItem key={name} value={name} closeMenuOnClick>
          {label}
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  );
  const back = (label: string) => (
    <>
      <Menu.Item
        closeMenuOnClick={false}
        leftSection={<ChevronLeft size={16} />}
        onClick={() => setPanel("main")}
      >
        {label}
      </Menu.Item>
      <Menu.Divider />
    </>
  );
  const entry = (to: Panel, Icon: typeof Gauge, label: string, value: string) => (
    <Menu.Item
      closeMenuOnClick={false}
      leftSection={<Icon size={18} />}
      rightSection={
        <span className={classes.value}>
          {value} <ChevronRight size={16} aria-hidden />
        </span>
      }
      onClick={() => setPanel(to)}
    >
      {label}
    </Menu.Item>
  );
  const spoken = captions.find((one) => one.language === language)?.label;

  return (
    <Menu
      width={280}
      position="top-end"
      withinPortal={false}
      keepMounted={false}
      onChange={(isOpen) => {
        onOpen(isOpen);
        if (!isOpen) setPanel("main");
      }}
    >
      <Menu.Target>
        <UnstyledButton className={classes.button} aria-label={t("player.settings")}>
          <Settings size={22} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown className={classes.menu}>
        {panel === "main" && (
          <>
            {qualities.length > 0 &&
              entry(
                "quality",
                SlidersHorizontal,
                t("player.quality"),
                chosen < 0 ? auto : (qualities.find((one) => one.level === chosen)?.name ?? auto),
              )}
            {entry("rate", Gauge, t("player.speed"), rate === 1 ? t("player.normal") : `${rate}×`)}
            {captions.length > 0 &&
              entry("captions", Captions, t("player.captions"), spoken ?? t("player.off"))}
            {spoken && entry("size", ALargeSmall, t("player.size"), t(`player.sizes.${liked.captionSize}`))}
            {spoken &&
              entry(
                "background",
                PaintBucket,
                t("player.background"),
                t(`player.backgrounds.${liked.captionBackground}`),
              )}
            {hasNext && (
              <Menu.CheckboxItem
                checked={liked.autoplay}
                closeMenuOnClick={false}
                onChange={(autoplay: boolean) => prefer({ autoplay })}
              >
                {t("player.autoplay")}
              </Menu.CheckboxItem>
            )}
          </>
        )}
        {panel === "quality" && (
          <>
            {back(t("player.quality"))}
            {choices(
              `${chosen}`,
              [["-1", auto], ...qualities.map((one): [string, string] => [`${one.level}`, one.name])],
              (level) => props.onQuality(Number(level)),
            )}
          </>
        )}
        {panel === "rate" && (
          <>
            {back(t("player.speed"))}
            {choices(
              `${rate}`,
              RATES.map((one) => [`${one}`, one === 1 ? t("player.normal") : `${one}×`]),
              (to) => props.onRate(Number(to)),
            )}
          </>
        )}
        {panel === "size" && (
          <>
            {back(t("player.size"))}
            {choices(
              liked.captionSize,
              CAPTION_SIZES.map((one): [string, string] => [one, t(`player.sizes.${one}`)]),
              (to) => {
                const captionSize = CAPTION_SIZES.find((one) => one === to);
                if (captionSize) prefer({ captionSize });
              },
            )}
          </>
        )}
        {panel === "background" && (
          <>
            {back(t("player.background"))}
            {choices(
              liked.captionBackground,
              CAPTION_BACKGROUNDS.map((one): [string, string] => [one, t(`player.backgrounds.${one}`)]),
              (to) => {
                const captionBackground = CAPTION_BACKGROUNDS.find((one) => one === to);
                if (captionBackground) prefer({ captionBackground });
              },
            )}
          </>
        )}
        {panel === "captions" && (
          <>
            {back(t("player.captions"))}
            {choices(
              spoken ? language : NO_CAPTIONS,
              [
                [NO_CAPTIONS, t("player.off")],
                ...captions.map((one): [string, string] => [one.language, one.label || one.language]),
              ],
              (to) => props.onCaptions(to === NO_CAPTIONS ? "" : to),
            )}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
