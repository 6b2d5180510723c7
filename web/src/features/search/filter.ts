// Which videos are left of those that were found, as it stands in the address: ?within=week&length=long&sort=views
export const WITHIN = ["day", "week", "month", "year"] as const;
export const LENGTHS = ["short", "medium", "long"] as const;
export const SORTS = ["relevance", "createdAt", "views"] as const;

export interface Filter {
  within: (typeof WITHIN)[number] | null;
  length: (typeof LENGTHS)[number] | null;
  sort: (typeof SORTS)[number];
}

export const NO_FILTER: Filter = { within: null, length: null, sort: "relevance" };

export function filterOf(query: URLSearchParams): Filter {
  return {
    within: WITHIN.find((one) => one === query.get("within")) ?? null,
    length: LENGTHS.find((one) => one === query.get("length")) ?? null,
    sort: SORTS.find((one) => one === query.get("sort")) ?? "relevance",
  };
}

/** The address with another filter; everything else in it stays. */
export function withFilter(query: URLSearchParams, { within, length, sort }: Filter): URLSearchParams {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries({ within, length, sort: sort === "relevance" ? null : sort })) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return next;
}

/** How many choices are made. */
export function countOf({ within, length, sort }: Filter): number {
  return [within, length, sort === "relevance" ? null : sort].filter((one) => one !== null).length;
}

/** As the server is asked. */
export function asked({ within, length, sort }: Filter) {
  return {
    ...(within && { within }),
    ...(length && { length }),
    ...(sort !== "relevance" && { sortBy: sort }),
  };
}

/** What the videos with a tag are put in order by: without words none fits better than another. */
export const TAG_SORTS = ["createdAt", "views"] as const;
export type TagSort = (typeof TAG_SORTS)[number];

/** The tag that all videos are asked for, and their order: ?tag=harbour&sort=views. Words come before a tag. */
export function tagOf(query: URLSearchParams): { tag: string; sort: TagSort } | null {
  const tag = (query.get("tag") ?? "").trim().replace(/^#/, "").slice(0, 40);
  if (tag === "" || (query.get("q") ?? "").trim() !== "") return null;
  return { tag, sort: TAG_SORTS.find((one) => one === query.get("sort")) ?? "createdAt" };
}
