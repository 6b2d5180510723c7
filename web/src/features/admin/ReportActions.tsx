import { Button } from "@mantine/core";
import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Slice } from "@/api/client";
import { openDialog } from "@/app/dialogs";
import { useMe } from "@/session/session";
import { toast } from "@/ui/toasts";
import classes from "./AdminPage.module.css";
import { isTakenDownKind } from "./places";
import type { Report } from "./queries";
import { setReport, useRestore } from "./takedowns";
import { useSuspend } from "./useUpdateAccount";

type List = InfiniteData<Slice<Report>>;

/** Closes and opens a report: it leaves the list at once, and comes back where that fails or is taken back. */
function useJudge(report: Report) {
  const { t } = useTranslation(["admin", "common"]);
  const queries = useQueryClient();
  const lists = { queryKey: ["admin", "reports"] };
  const judge = useMutation({
    mutationFn: (state: "open" | "closed") => setReport(report._id, state),
    onMutate: async () => {
      await queries.cancelQueries(lists);
      queries.setQueriesData<List>(
        lists,
        (data) =>
          data && {
            ...data,
            pages: data.pages.map((page) => ({
              ...page,
              items: page.items.filter((one) => one._id !== report._id),
            })),
          },
      );
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["admin"] }),
  });
  return (state: "open" | "closed") => {
    // The row is gone by the time that it answers, so the message does not hang on it.
    void judge.mutateAsync(state).then(
      () =>
        toast({
          text: t(state === "closed" ? "reports.dismissed" : "reports.reopened"),
          action: {
            label: t("common:undo"),
            run: () =>
              void setReport(report._id, state === "closed" ? "open" : "closed").then(() =>
                queries.invalidateQueries({ queryKey: ["admin"] }),
              ),
          },
        }),
      () => undefined,
    );
  };
}

/** What can be done about a report and what it is about. */
export function ReportActions({ report, reason }: { report: Report; reason: string }) {
  const { t } = useTranslation("admin");
  const me = useMe();
  const judge = useJudge(report);
  const restore = useRestore();
  const suspend = useSuspend();
  const { about, kind, target } = report;
  return (
    <div className={classes.actions}>
      {isTakenDownKind(kind) && report.takenDown && (
        <Button
          size="sm"
          variant="default"
          loading={restore.isPending}
          onClick={() => restore.mutate({ target: { kind, id: target } })}
        >
          {t("reports.restore")}
        </Button>
      )}
      {isTakenDownKind(kind) && !report.takenDown && about && (
        <Button
          size="sm"
          color="red"
          variant="light"
          onClick={() =>
            openDialog({
              kind: "takedown",
              target: { kind, id: target },
              start: reason,
              ...(report.state === "open" && { report: report._id }),
            })
          }
        >
          {t("reports.takeDown")}
        </Button>
      )}
      {about && kind === "user" && me?.role === "admin" && target !== me._id && (
        <Button
          size="sm"
          color="red"
          variant="light"
          loading={suspend.isPending}
          onClick={() => suspend.run(target, about.text, true)}
        >
          {t("reports.suspend")}
        </Button>
      )}
      {about && kind === "user" && me?.role !== "admin" && (
        <span className="soft">{t("reports.onlyAdmins")}</span>
      )}
      {report.state === "open" ? (
        <Button size="sm" variant="default" onClick={() => judge("closed")}>
          {t("reports.dismiss")}
        </Button>
      ) : (
        <Button size="sm" variant="default" onClick={() => judge("open")}>
          {t("reports.reopen")}
        </Button>
      )}
    </div>
  );
}
