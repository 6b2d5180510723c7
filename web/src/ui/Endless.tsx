// A list without an end: as cards in columns or one below the other. Only what is near the window is in the page, so
// ten thousand items scroll like ten; more is fetched before the end comes into sight.
import { Button } from "@mantine/core";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Slice } from "@/api/client";
import classes from "./Endless.module.css";
import { CardsSkeleton, ListSkeleton } from "./Skeletons";
import { EmptyState, ErrorState } from "./States";

interface Props<T> {
  list: UseInfiniteQueryResult<InfiniteData<Slice<T>>>;
  keyOf: (item: T) => string;
  children: (item: T, index: number) => ReactNode;
  /** Height of a row in pixels before it was measured; for cards what is below the picture. */
  estimate: number;
  /** Cards: the narrowest that one may be, in pixels. Absent: a list. */
  cardWidth?: number;
  empty: { icon: LucideIcon; title: string; text?: string; action?: ReactNode };
  skeleton?: ReactNode;
  /** Each item is a row of a table, with cells in it; `head` has the row of names. */
  table?: { label: string; head: ReactNode };
  filter?: (item: T) => boolean;
}

const GAP = { cards: 28, list: 0 };
const COLUMN_GAP = 16;
/** Rows left below the window when more is fetched. */
const AHEAD = 3;

/** How wide the last list was: one that is gone back to has its height at once, and the place where one was. */
let lastWidth = 0;

export function Endless<T>({
  list,
  keyOf,
  children,
  estimate,
  cardWidth,
  empty,
  skeleton,
  table,
  filter,
}: Props<T>) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(lastWidth);
  const [top, setTop] = useState(0);
  const {
    data,
    error,
    isPending,
    hasNextPage,
    isFetchingNextPage,
    isFetchNextPageError,
    fetchNextPage,
    refetch,
  } = list;

  const items = useMemo(() => {
    const seen = new Set<string>();
    const all: T[] = [];
    for (const item of data?.pages.flatMap((page) => page.items) ?? []) {
      // What moved while one scrolled may come twice.
      if (seen.has(keyOf(item)) || (filter && !filter(item))) continue;
      seen.add(keyOf(item));
      all.push(item);
    }
    return all;
  }, [data, keyOf, filter]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => {
      lastWidth = element.clientWidth;
      setWidth(lastWidth);
      setTop(element.getBoundingClientRect().top + window.scrollY);
    };
    // The observer looks once the frame is laid out: rows are made in a task of their own, not in the one that made the
    // page, and only for as many columns as there are.
    const observer = new ResizeObserver(look);
    observer.observe(element);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  const isMeasured = width > 0;
  const columns =
    cardWidth && isMeasured ? Math.max(1, Math.floor((width + COLUMN_GAP) / (cardWidth + COLUMN_GAP))) : 1;
  const rows = isMeasured ? Math.ceil(items.length / columns) : 0;
  const picture = cardWidth ? (((width - (columns - 1) * COLUMN_GAP) / columns) * 9) / 16 : 0;
  const virtual = useWindowVirtualizer({
    count: rows,
    estimateSize: () => picture + estimate,
    gap: cardWidth ? GAP.cards : GAP.list,
    overscan: 3,
    scrollMargin: top,
  });
  const visible = virtual.getVirtualItems();
  const last = visible.at(-1)?.index ?? -1;
  const isNearEnd = rows > 0 && last >= rows - AHEAD;
  // A page whose items are all left out must not end the list.
  const wantsMore =
    hasNextPage &&
    !isFetchingNextPage &&
    !isFetchNextPageError &&
    (isNearEnd || (items.length === 0 && !isPending));

  useEffect(() => {
    if (wantsMore) void fetchNextPage();
  }, [wantsMore, fetchNextPage]);

  const waiting =
    skeleton ?? (cardWidth ? <CardsSkeleton cardWidth={cardWidth} /> : <ListSkeleton count={6} />);
  const content = (
    // Rows of columns stand between the list and its items, so these are no elements of HTML's own.
    <div
      role={table ? "rowgroup" : "list"}
      className={classes.list}
      style={{ height: virtual.getTotalSize() }}
    >
      {visible.map((row) => (
        <div
          key={row.key}
          ref={virtual.measureElement}
          data-index={row.index}
          className={classes.row}
          style={{
            transform: `translateY(${row.start - top}px)`,
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            columnGap: COLUMN_GAP,
          }}
        >
          {items.slice(row.index * columns, (row.index + 1) * columns).map((item, column) => {
            const index = row.index * columns + column;
            return (
              <div
                key={keyOf(item)}
                {...(table
                  ? { role: "row", "aria-rowindex": index + 2 }
                  : {
                      role: "listitem",
                      "aria-posinset": index + 1,
                      "aria-setsize": hasNextPage ? -1 : items.length,
                    })}
              >
                {children(item, index)}
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
  return (
    <div ref={box}>
      {(isPending || (!isMeasured && items.length > 0)) && waiting}
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && items.length === 0 && !hasNextPage && (
        <EmptyState icon={empty.icon} title={empty.title} {...(empty.text ? { text: empty.text } : {})}>
          {empty.action}
        </EmptyState>
      )}
      {rows > 0 &&
        (table ? (
          // biome-ignore lint/a11y/useSemanticElements: a table of HTML would not take rows that are placed freely
          <div role="table" aria-label={table.label} aria-rowcount={hasNextPage ? -1 : items.length + 1}>
            {table.head}
            {content}
          </div>
        ) : (
          content
        ))}
      {isFetchingNextPage && (
        <div className={classes.more}>
          {cardWidth ? <CardsSkeleton cardWidth={cardWidth} rows={1} /> : <ListSkeleton count={2} />}
        </div>
      )}
      {isFetchNextPageError && (
        <div className={classes.failed} role="alert">
          <span>{t("error.more")}</span>
          <Button variant="light" size="compact-sm" onClick={() => void fetchNextPage()}>
            {t("retry")}
          </Button>
        </div>
      )}
    </div>
  );
}
