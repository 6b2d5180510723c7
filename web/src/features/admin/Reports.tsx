import { useInfiniteQuery } from "@tanstack/react-query";
import { Flag } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Choices } from "@/ui/Choices";
import { Endless } from "@/ui/Endless";
import { ListSkeleton } from "@/ui/Skeletons";
import classes from "./AdminPage.module.css";
import { REPORT_KINDS, REPORT_STATES, type Report, reportsQuery } from "./queries";
import { ReportRow } from "./ReportRow";

const keyOf = (report: Report) => report._id;

/** What people say is wrong. Which of it stands in the address. */
export function Reports() {
  const { t } = useTranslation("admin");
  const [parameters, setParameters] = useSearchParams();
  const state = REPORT_STATES.find((one) => one === parameters.get("state")) ?? "open";
  const kind = REPORT_KINDS.find((one) => one === parameters.get("kind")) ?? "all";
  const list = useInfiniteQuery(reportsQuery(state, kind));
  const go = (to: { state?: string; kind?: string }) => {
    const all = { state, kind, ...to };
    setParameters({
      ...(all.state !== "open" && { state: all.state }),
      ...(all.kind !== "all" && { kind: all.kind }),
    });
  };
  return (
    <>
      <div className={classes.filters}>
        <Choices
          label={t("reports.state")}
          value={state}
          options={REPORT_STATES.map((value) => ({ value, label: t(`reports.states.${value}`) }))}
          onChange={(to) => go({ state: to })}
        />
        <Choices
          label={t("reports.kind")}
          value={kind}
          options={REPORT_KINDS.map((value) => ({ value, label: t(`reports.kinds.${value}`) }))}
          onChange={(to) => go({ kind: to })}
        />
      </div>
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={170}
        skeleton={<ListSkeleton count={4} />}
        empty={
          state === "open"
            ? { icon: Flag, title: t("reports.none"), text: t("reports.noneText") }
            : { icon: Flag, title: t("reports.noneClosed") }
        }
      >
        {(report) => <ReportRow report={report} />}
      </Endless>
    </>
  );
}
