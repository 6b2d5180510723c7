// Taking down and letting stand again, from reports and from where the thing is.
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { toast } from "@/ui/toasts";

export interface Target {
  kind: "video" | "comment" | "tweet" | "playlist";
  id: string;
}

const setTakedown = ({ kind, id }: Target, reason: string | null) => {
  const params = { path: { kind, targetId: id } };
  const path = "/api/v1/admin/takedowns/{kind}/{targetId}";
  return reason === null
    ? unwrap(api.DELETE(path, { params }))
    : unwrap(api.PUT(path, { params, body: { reason } }));
};

export const setReport = (reportId: string, state: "open" | "closed", note?: string) =>
  unwrap(
    api.PATCH("/api/v1/admin/reports/{reportId}", {
      params: { path: { reportId } },
      body: { state, ...(note !== undefined && { note }) },
    }),
  );

/** Lists and pages that show the thing. */
function renew(queries: QueryClient, { kind, id }: Target): void {
  const keys = {
    video: [["videos"], ["feed"]],
    comment: [["comments"], ["replies"]],
    tweet: [["tweets"]],
    playlist: [["playlist"], ["playlists"]],
  }[kind];
  for (const queryKey of [["admin"], ...keys]) void queries.invalidateQueries({ queryKey });
  // The player goes on with the addresses that it has.
  if (kind === "video") void queries.invalidateQueries({ queryKey: ["video", id], exact: true });
}

export function useRestore() {
  const { t } = useTranslation("admin");
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ target, report }: { target: Target; report?: string | undefined }) => {
      await setTakedown(target, null);
      if (report) await setReport(report, "open");
    },
    onSuccess: (_, { target }) => {
      toast({ text: t("takedown.undone"), tone: "good" });
      renew(queries, target);
    },
  });
}

export function useTakeDown() {
  const { t } = useTranslation(["admin", "common"]);
  const queries = useQueryClient();
  const restore = useRestore();
  return useMutation({
    meta: { silent: true },
    /** `report` is closed as well. */
    mutationFn: async (what: { target: Target; reason: string; report?: string | undefined }) => {
      await setTakedown(what.target, what.reason);
      if (what.report) await setReport(what.report, "closed", what.reason);
    },
    onSuccess: (_, { target, report }) => {
      toast({
        text: t("takedown.done"),
        tone: "good",
        action: { label: t("common:undo"), run: () => restore.mutate({ target, report }) },
      });
      renew(queries, target);
    },
  });
}
