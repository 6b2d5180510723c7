import { CircleAlert, CircleCheck, Heart, MessageSquareWarning, Webhook } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Notification } from "@/api/types";
import { useFormat } from "@/lib/format";
import { Avatar } from "@/ui/Avatar";
import classes from "./Item.module.css";
import { place } from "./queries";

const ICONS = {
  likeMilestone: Heart,
  processingFinished: CircleCheck,
  processingFailed: CircleAlert,
  commentHeld: MessageSquareWarning,
  webhookDisabled: Webhook,
} as const;

const KINDS = [
  "newVideo",
  "newTweet",
  "comment",
  "reply",
  "likeMilestone",
  "processingFinished",
  "processingFailed",
  "commentHeld",
  "webhookDisabled",
] as const;
type Kind = (typeof KINDS)[number];

export function isKnown(one: Notification): boolean {
  return (KINDS as readonly string[]).includes(one.kind);
}

export function Item({ one, onOpen }: { one: Notification; onOpen: (one: Notification) => void }) {
  const { t } = useTranslation("notifications");
  const format = useFormat();
  const Icon = one.kind in ICONS ? ICONS[one.kind as keyof typeof ICONS] : null;
  const words = {
    who: one.actor?.fullName ?? "",
    title: one.video?.title ?? "",
    count: one.likesCount ?? 0,
  };
  const detail = one.comment?.content ?? one.tweet?.content ?? one.video?.statusReason;
  return (
    <Link
      to={place(one)}
      className={classes.item}
      data-unread={!one.isRead || undefined}
      onClick={() => onOpen(one)}
    >
      {one.actor ? (
        <Avatar of={one.actor} size={40} />
      ) : (
        <span className={classes.icon} aria-hidden>
          {Icon && <Icon size={20} />}
        </span>
      )}
      <span className={classes.text}>
        <span>{t(`kinds.${one.kind as Kind}`, words)}</span>
        {detail && <span className={classes.detail}>{detail}</span>}
        <span className={classes.when}>
          {!one.isRead && <span className="unseen">{t("unread")}</span>}
          {format.ago(one.createdAt)}
        </span>
      </span>
      {one.video?.thumbnail && (
        <img
          className={classes.thumb}
          src={one.video.thumbnail}
          alt=""
          width={80}
          height={45}
          loading="lazy"
        />
      )}
    </Link>
  );
}
