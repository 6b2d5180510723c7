import { ActionIcon, Button, Checkbox, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Check, Clock, Link2, ListChecks, PencilLine, Trash2, UserRoundPlus, WholeWord } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { videoQuery } from "@/features/watch/queries";
import { useFormat } from "@/lib/format";
import { Avatar } from "@/ui/Avatar";
import { MoreMenu } from "@/ui/LazyMenu";
import { RichText } from "@/ui/RichText";
import { BlockItem } from "./BlockItem";
import classes from "./Moderation.module.css";
import type { Waiting } from "./queries";

const REASONS = {
  video: Clock,
  all: ListChecks,
  first: UserRoundPlus,
  links: Link2,
  words: WholeWord,
} as const;
type Reason = keyof typeof REASONS;

/** Where it is to stand; another text of a comment, and a reply, have a place already. */
function place(one: Waiting): string {
  const beside = one.isEdit ? one._id : one.parent;
  return `/watch/${one.video}${beside ? `?comment=${beside}` : ""}`;
}

interface Props {
  comment: Waiting;
  isOn: boolean;
  onTick: (isRange: boolean) => void;
  onApprove: () => void;
  onRemove: () => void;
}

/** A comment that waits, why, and what can be done. */
export function HeldRow({ comment, isOn, onTick, onApprove, onRemove }: Props) {
  const { t } = useTranslation(["moderation", "watch"]);
  const format = useFormat();
  const { data: video } = useQuery(videoQuery(comment.video));
  const reason: Reason = comment.heldReason in REASONS ? (comment.heldReason as Reason) : "all";
  const Icon = REASONS[reason];
  const name = comment.owner.fullName;
  return (
    <article className={classes.row} data-on={isOn || undefined}>
      <span className={classes.tick}>
        <Checkbox
          aria-label={t("held.select", { name })}
          data-held={comment._id}
          checked={isOn}
          onChange={(event) => onTick(event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
        />
      </span>
      <Link to={`/@${comment.owner.username}`} tabIndex={-1} aria-hidden>
        <Avatar of={comment.owner} size={40} />
      </Link>
      <div className={classes.words}>
        <p className={classes.head}>
          <Link to={`/@${comment.owner.username}`} className={classes.name}>
            {name}
          </Link>
          <time className="soft" dateTime={comment.createdAt} title={format.dateTime(comment.createdAt)}>
            {format.ago(comment.createdAt)}
          </time>
        </p>
        <RichText text={comment.content} />
        <p className={classes.reasons}>
          <span className={classes.reason}>
            <Icon size={14} aria-hidden /> {t(`held.reasons.${reason}`)}
          </span>
          {comment.isEdit && (
            <span className={classes.reason}>
              <PencilLine size={14} aria-hidden /> {t("held.isEdit")}
            </span>
          )}
          <Link className={`link ${classes.place}`} to={place(comment)}>
            {comment.parent
              ? t("held.replyOn", { title: video?.title ?? "…" })
              : t("held.on", { title: video?.title ?? "…" })}
          </Link>
        </p>
      </div>
      <div className={classes.actions}>
        <Button
          size="sm"
          variant={isOn ? "default" : "light"}
          leftSection={<Check size={16} />}
          aria-label={t("held.approveOne", { name })}
          onClick={onApprove}
        >
          {t("held.approve")}
        </Button>
        <ActionIcon
          variant="subtle"
          color="gray"
          radius="xl"
          size="lg"
          aria-label={t("held.removeOne", { name })}
          onClick={onRemove}
        >
          <Trash2 size={18} />
        </ActionIcon>
        <MoreMenu label={t("watch:comments.more", { name })}>
          <BlockItem person={comment.owner} />
          <Menu.Item component={Link} to={place(comment)} leftSection={<Link2 size={18} />}>
            {t("held.open")}
          </Menu.Item>
        </MoreMenu>
      </div>
    </article>
  );
}
