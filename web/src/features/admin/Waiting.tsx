import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheck, Flag, type LucideIcon, TriangleAlert, UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Bone } from "@/ui/Skeletons";
import classes from "./Overview.module.css";
import { jobsQuery, registrationsQuery, reportsQuery } from "./queries";

interface Found {
  pages: { items: unknown[]; nextCursor?: string | null }[];
}

interface Props {
  to: string;
  label: "reports" | "registrations" | "jobs";
  icon: LucideIcon;
  found: Found | undefined;
}

function Item({ to, label, icon, found }: Props) {
  const { t } = useTranslation("admin");
  const count = found?.pages.reduce((sum, page) => sum + page.items.length, 0) ?? 0;
  const hasMore = Boolean(found?.pages.at(-1)?.nextCursor);
  const Icon = found && count === 0 ? CircleCheck : icon;
  return (
    <li>
      <Link to={to} data-some={count > 0 || undefined} data-waiting={label}>
        <Icon size={22} aria-hidden />
        <span>
          <span className="soft">{t(`waiting.${label}`)}</span>
          {found ? (
            <strong>
              {count === 0 ? t("waiting.nothing") : hasMore ? t("waiting.more", { count }) : count}
            </strong>
          ) : (
            <Bone width={48} height={26} />
          )}
        </span>
      </Link>
    </li>
  );
}

/** What somebody has to look at. */
export function Waiting() {
  const { t } = useTranslation("admin");
  const reports = useInfiniteQuery(reportsQuery("open"));
  const registrations = useInfiniteQuery(registrationsQuery);
  const jobs = useInfiniteQuery(jobsQuery("dead"));
  return (
    <section aria-labelledby="waiting">
      <h3 id="waiting">{t("overview.waiting")}</h3>
      <ul className={classes.waiting}>
        <Item to="/admin/reports" label="reports" icon={Flag} found={reports.data} />
        <Item
          to="/admin/users?show=waiting"
          label="registrations"
          icon={UserPlus}
          found={registrations.data}
        />
        <Item to="/admin/jobs?state=dead" label="jobs" icon={TriangleAlert} found={jobs.data} />
      </ul>
    </section>
  );
}
