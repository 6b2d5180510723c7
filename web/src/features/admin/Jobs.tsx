import { useInfiniteQuery } from "@tanstack/react-query";
import { ListChecks } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Job } from "@/api/types";
import { Choices } from "@/ui/Choices";
import { Endless } from "@/ui/Endless";
import { ListSkeleton } from "@/ui/Skeletons";
import { JobRow } from "./JobRow";
import { JOB_STATES, jobsQuery } from "./queries";

const keyOf = (job: Job) => job._id;

/** Everybody's background work, as it goes on. Which of it stands in the address. */
export function Jobs() {
  const { t } = useTranslation("admin");
  const [parameters, setParameters] = useSearchParams();
  const state = JOB_STATES.find((one) => one === parameters.get("state")) ?? "all";
  const list = useInfiniteQuery(jobsQuery(state));
  return (
    <>
      <Choices
        label={t("jobs.state")}
        value={state}
        options={JOB_STATES.map((value) => ({ value, label: t(`jobs.states.${value}`) }))}
        onChange={(to) => setParameters(to === "all" ? {} : { state: to })}
      />
      <Endless
        list={list}
        keyOf={keyOf}
        estimate={96}
        skeleton={<ListSkeleton count={6} />}
        empty={{ icon: ListChecks, title: t("jobs.none"), text: t("jobs.noneText") }}
      >
        {(job) => <JobRow job={job} />}
      </Endless>
    </>
  );
}
