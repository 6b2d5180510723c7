// What the administration asks for.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, type Slice, unwrap } from "@/api/client";
import type { components } from "@/api/schema";
import type { Job } from "@/api/types";

type Schemas = components["schemas"];
export type Account = Schemas["AccountBody"];
export type Report = Schemas["HandledReportBody"];
export type Act = Schemas["AuditBody"];
export type Subject = Schemas["SubjectBody"];
export type Stats = Schemas["SiteStatsBody"];
export type Day = Schemas["SiteDayBody"];
export type Setting = Schemas["SettingBody"];

const LIMIT = "30";
/** What changes by itself is looked at again after this time. */
const LOOK_AGAIN_MS = 15_000;
const JOBS_AGAIN_MS = 2_500;
/** Longer lists of jobs are not fetched again and again. */
const JOBS_PAGES = 3;

const next = <T>(last: Slice<T>) => last.nextCursor ?? undefined;

export const statsQuery = queryOptions({
  queryKey: ["admin", "stats"],
  queryFn: () => unwrap(api.GET("/api/v1/admin/stats")),
  staleTime: 0,
  refetchInterval: LOOK_AGAIN_MS,
});

export const settingsQuery = queryOptions({
  queryKey: ["admin", "settings"],
  queryFn: () => unwrap(api.GET("/api/v1/admin/settings")),
});

export const usersQuery = (query: string) =>
  infiniteQueryOptions({
    queryKey: ["admin", "users", query],
    initialPageParam: "",
    queryFn: ({ pageParam }): Promise<Slice<Account>> =>
      unwrap(
        api.GET("/api/v1/admin/users", {
          params: { query: { cursor: pageParam, limit: LIMIT, ...(query && { query }) } },
        }),
      ),
    getNextPageParam: next<Account>,
    staleTime: 0,
  });

export const registrationsQuery = infiniteQueryOptions({
  queryKey: ["admin", "registrations"],
  initialPageParam: "",
  queryFn: ({ pageParam }): Promise<Slice<Account>> =>
    unwrap(
      api.GET("/api/v1/admin/registrations", { params: { query: { cursor: pageParam, limit: LIMIT } } }),
    ),
  getNextPageParam: next<Account>,
  staleTime: 0,
});

export const REPORT_STATES = ["open", "closed"] as const;
export type ReportState = (typeof REPORT_STATES)[number];
export const REPORT_KINDS = ["all", "video", "comment", "tweet", "user", "playlist"] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export const reportsQuery = (state: ReportState, kind: ReportKind = "all") =>
  infiniteQueryOptions({
    queryKey: ["admin", "reports", state, kind],
    initialPageParam: "",
    queryFn: ({ pageParam }): Promise<Slice<Report>> =>
      unwrap(
        api.GET("/api/v1/admin/reports", {
          params: { query: { state, cursor: pageParam, limit: LIMIT, ...(kind !== "all" && { kind }) } },
        }),
      ),
    getNextPageParam: next<Report>,
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });

export const JOB_STATES = ["all", "queued", "running", "dead", "cancelled", "done"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Jobs tell only their owners how they go, so those of others are looked at again. */
export const jobsQuery = (state: JobState) =>
  infiniteQueryOptions({
    queryKey: ["admin", "jobs", state],
    initialPageParam: "",
    queryFn: ({ pageParam }): Promise<Slice<Job>> =>
      unwrap(
        api.GET("/api/v1/admin/jobs", {
          params: { query: { cursor: pageParam, limit: LIMIT, ...(state !== "all" && { state }) } },
        }),
      ),
    getNextPageParam: next<Job>,
    staleTime: 0,
    refetchInterval: ({ state: { data } }) =>
      data && data.pages.length > JOBS_PAGES ? false : JOBS_AGAIN_MS,
  });

export const auditQuery = infiniteQueryOptions({
  queryKey: ["admin", "audit"],
  initialPageParam: "",
  queryFn: ({ pageParam }): Promise<Slice<Act>> =>
    unwrap(api.GET("/api/v1/admin/audit", { params: { query: { cursor: pageParam, limit: "50" } } })),
  getNextPageParam: next<Act>,
  staleTime: 0,
});
