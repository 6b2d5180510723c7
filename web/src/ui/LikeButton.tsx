import { useMutation } from "@tanstack/react-query";
import { ThumbsUp } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { useNeedsSignIn } from "@/session/useNeedsSignIn";
import classes from "./LikeButton.module.css";

interface Props {
  id: string;
  isLiked: boolean;
  count: number;
  /** Says to the server how it is to be; may be called twice. */
  onSet: (id: string, to: boolean) => Promise<{ isLiked: boolean; likesCount: number }>;
  /** Tells what the server answered. */
  onDone?: (answer: { isLiked: boolean; likesCount: number }) => void;
}

/** A small like. It shows what was meant at once, and goes back where the server refuses. */
export function LikeButton({ id, isLiked, count, onSet, onDone }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const needsSignIn = useNeedsSignIn();
  const [shown, setShown] = useState({ isLiked, count });
  useEffect(() => setShown({ isLiked, count }), [isLiked, count]);
  const set = useMutation({
    mutationFn: (to: boolean) => onSet(id, to),
    onMutate: (to) => setShown({ isLiked: to, count: shown.count + (to ? 1 : -1) }),
    onError: () => setShown({ isLiked, count }),
    onSuccess: (answer) => {
      setShown({ isLiked: answer.isLiked, count: answer.likesCount });
      onDone?.(answer);
    },
  });
  return (
    <button
      type="button"
      className={classes.like}
      aria-pressed={shown.isLiked}
      aria-label={t("like", { count: shown.count })}
      onClick={() => needsSignIn() || set.mutate(!shown.isLiked)}
    >
      <ThumbsUp size={16} fill={shown.isLiked ? "currentColor" : "none"} aria-hidden />
      {shown.count > 0 && <span>{format.compact(shown.count)}</span>}
    </button>
  );
}
