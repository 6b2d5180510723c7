// Comments that wait for one's approval. Several are decided at once; what is removed can be taken back for a moment.
import { ActionIcon, Button, Checkbox } from "@mantine/core";
import {
  type InfiniteData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { Check, MessageSquareDashed, Trash2, X } from "lucide-react";
import { type KeyboardEvent, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Slice } from "@/api/client";
import { useEvent } from "@/events/useEvents";
import { videoQuery } from "@/features/watch/queries";
import { useSelection } from "@/lib/selection";
import { Endless } from "@/ui/Endless";
import { removeLater, show, useNotRemoved } from "@/ui/removals";
import { ListSkeleton } from "@/ui/Skeletons";
import { toast } from "@/ui/toasts";
import { HeldRow } from "./HeldRow";
import classes from "./Moderation.module.css";
import { decide, heldQuery, MOST_AT_ONCE, type Waiting } from "./queries";

const LOOK_AGAIN_MS = 30_000;
const REFUSALS = ["author_blocked", "thread_gone", "comment_not_found"] as const;
const keyOf = (one: Waiting) => one._id;

function useDecisions(videoId: string | null, clear: () => void) {
  const { t } = useTranslation("moderation");
  const queries = useQueryClient();
  const key = heldQuery(videoId).queryKey;
  const approve = useMutation({
    mutationFn: (ids: readonly string[]) => decide("approve", ids),
    // They leave the list at once; what the server refuses comes back with the next answer.
    onMutate: async (ids) => {
      await queries.cancelQueries({ queryKey: ["held"] });
      queries.setQueryData<InfiniteData<Slice<Waiting>, string>>(key, (data) =>
        data
          ? {
              ...data,
              pages: data.pages.map((page) => ({
                ...page,
                items: page.items.filter((one) => !ids.includes(one._id)),
              })),
            }
          : undefined,
      );
      clear();
    },
    onSuccess: (refused, ids) => {
      const done = ids.length - refused.length;
      if (done > 0) toast({ text: t("held.approved", { count: done }), tone: "good" });
      const code = REFUSALS.find((one) => refused.some((two) => two.code === one));
      if (refused.length > 0) {
        const why = t(code ? `held.refusals.${code}` : "held.refusals.other");
        toast({ tone: "bad", text: `${t("held.notApproved", { count: refused.length })} ${why}` });
      }
    },
    onSettled: () => {
      for (const name of ["held", "comments", "replies", "videos"])
        void queries.invalidateQueries({ queryKey: [name] });
    },
  });
  const remove = (ids: readonly string[]) => {
    clear();
    removeLater({
      ids,
      text: t("held.removed", { count: ids.length }),
      send: async () => {
        await decide("remove", ids, true);
        await queries.invalidateQueries({ queryKey: ["held"] });
        // Where it was another text for a comment that is shown, that one stays.
        show(ids);
      },
    });
  };
  return { approve: (ids: readonly string[]) => approve.mutate(ids), remove };
}

function Only({ videoId, onAll }: { videoId: string; onAll: () => void }) {
  const { t } = useTranslation("moderation");
  const { data } = useQuery(videoQuery(videoId));
  return (
    <p className={classes.only}>
      {t("held.only", { title: data?.title ?? "…" })}
      <Button size="compact-sm" variant="light" leftSection={<X size={14} />} onClick={onAll}>
        {t("held.all")}
      </Button>
    </p>
  );
}

export function Held() {
  const { t } = useTranslation("moderation");
  const queries = useQueryClient();
  const [parameters, setParameters] = useSearchParams();
  const videoId = parameters.get("video");
  const list = useInfiniteQuery({ ...heldQuery(videoId), refetchInterval: LOOK_AGAIN_MS });
  const isThere = useNotRemoved<Waiting>();
  const shown = useMemo(
    () => (list.data?.pages.flatMap((page) => page.items) ?? []).filter(isThere).map((one) => one._id),
    [list.data, isThere],
  );
  const selection = useSelection(shown);
  const { approve, remove } = useDecisions(videoId, selection.clear);
  useEvent("notification.created", (event) => {
    if (event.kind === "commentHeld") void queries.invalidateQueries({ queryKey: ["held"] });
  });

  const chosen = shown.filter((id) => selection.ids.has(id));
  const most = shown.slice(0, MOST_AT_ONCE);
  // Single letters count only while one of the boxes has the focus, and are no traps for those who dictate.
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    const id = event.target instanceof HTMLElement ? event.target.dataset.held : undefined;
    if (!id || event.ctrlKey || event.metaKey || event.altKey) return;
    const ids = chosen.length > 0 ? chosen : [id];
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step) focusOn(shown[shown.indexOf(id) + step]);
    else if (event.key === "a") approve(ids);
    else if (event.key === "r" || event.key === "Delete") remove(ids);
    else if (event.key === "x") selection.toggle(id, false);
    else if (event.key === "Escape") selection.clear();
    else return;
    event.preventDefault();
    if (event.key === "a" || event.key === "r" || event.key === "Delete") {
      const left = shown.filter((one) => !ids.includes(one));
      const after = shown.slice(shown.indexOf(id)).find((one) => !ids.includes(one)) ?? left.at(-1);
      if (after) requestAnimationFrame(() => focusOn(after));
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the boxes inside
    <div onKeyDown={keys}>
      {videoId && <Only videoId={videoId} onAll={() => setParameters({}, { replace: true })} />}
      {shown.length > 0 && (
        <div className={classes.bar} data-on={chosen.length > 0 || undefined}>
          <Checkbox
            aria-label={t("held.selectAll")}
            checked={chosen.length > 0 && chosen.length >= most.length}
            indeterminate={chosen.length > 0 && chosen.length < most.length}
            onChange={() => (chosen.length > 0 ? selection.clear() : selection.set(most))}
          />
          <span role="status">
            {chosen.length > 0
              ? t("held.selected", { count: chosen.length })
              : t(list.hasNextPage ? "held.manyWait" : "held.wait", { count: shown.length })}
          </span>
          <span className={classes.grow} />
          {chosen.length > 0 ? (
            <>
              <Button size="sm" leftSection={<Check size={16} />} onClick={() => approve(chosen)}>
                {t("held.approve")}
              </Button>
              <Button
                size="sm"
                variant="default"
                aria-label={t("held.remove")}
                onClick={() => remove(chosen)}
              >
                <Trash2 size={16} aria-hidden />
                <span className={classes.long}>{t("held.remove")}</span>
              </Button>
              <ActionIcon
                variant="subtle"
                color="gray"
                radius="xl"
                size="lg"
                aria-label={t("clear")}
                onClick={selection.clear}
              >
                <X size={18} />
              </ActionIcon>
            </>
          ) : (
            <span className={classes.hint}>
              <kbd>↑</kbd> <kbd>↓</kbd> {t("held.keys.move")} · <kbd>x</kbd> {t("held.keys.select")} ·{" "}
              <kbd>a</kbd> {t("held.keys.approve")} · <kbd>r</kbd> {t("held.keys.remove")}
            </span>
          )}
        </div>
      )}
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={110}
        filter={isThere}
        skeleton={<ListSkeleton count={5} />}
        empty={{ icon: MessageSquareDashed, title: t("held.none"), text: t("held.noneText") }}
      >
        {(comment) => (
          <HeldRow
            comment={comment}
            isOn={selection.ids.has(comment._id)}
            onTick={(isRange) => selection.toggle(comment._id, isRange)}
            onApprove={() => approve([comment._id])}
            onRemove={() => remove([comment._id])}
          />
        )}
      </Endless>
    </div>
  );
}

function focusOn(id: string | undefined): void {
  if (id) document.querySelector<HTMLElement>(`[data-held="${CSS.escape(id)}"]`)?.focus();
}
