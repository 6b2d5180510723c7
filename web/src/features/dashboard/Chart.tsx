// A number over time, as a line or as bars, beside the time before where that is asked for. Drawn as SVG, so that it has
// the colours of the theme; read by pointing at it, or by arrow keys. What it shows stands in a table beside it too.
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import classes from "./Chart.module.css";
import { labelled, line, nearest, stepped, ticks } from "./scale";

export interface Bucket {
  at: number;
  value: number | null;
  /** The bucket at the same place of the time before. */
  before?: { at: number; value: number | null } | undefined;
}

interface Props {
  name: string;
  kind: "line" | "bars";
  unit: "things" | "length";
  buckets: Bucket[];
  height: number;
  value: (value: number | null) => string;
  time: (at: number, isShort: boolean) => string;
  /** What is said of a bucket. */
  tell: (bucket: Bucket) => string;
}

const TOP = 10;
const BOTTOM = 24;
const RIGHT = 8;
const DIGIT = 7;
const TIP_HALF = 84;

/** The width that an element has. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);
  return [ref, width] as const;
}

export function Chart({ name, kind, unit, buckets, height, value, time, tell }: Props) {
  const [ref, width] = useWidth();
  const [pointed, setPointed] = useState<number | null>(null);
  const isBars = kind === "bars";
  const last = Math.max(0, buckets.length - 1);
  const index = Math.min(last, pointed ?? last);
  const bucket = buckets[index];

  const values = buckets.flatMap((one) => [one.value, one.before?.value]);
  const steps = ticks(values, unit, height < 120 ? 2 : 4);
  const [least = 0, most = 1] = [steps[0], steps.at(-1)];
  const left = Math.max(...steps.map((one) => value(one).length)) * DIGIT + 8;
  const inner = Math.max(1, width - left - RIGHT);
  const slot = inner / Math.max(1, buckets.length);
  const x = (at: number) =>
    left + (isBars ? (at + 0.5) * slot : last === 0 ? inner / 2 : (at / last) * inner);
  const y = (one: number) => TOP + (1 - (one - least) / (most - least)) * (height - TOP - BOTTOM);

  const point = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    setPointed(nearest(buckets.length, (event.clientX - box.left - left) / inner, isBars));
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") return setPointed(null);
    const to = stepped(event.key, index, buckets.length);
    if (to === null) return;
    event.preventDefault();
    setPointed(to);
  };

  return (
    <div
      ref={ref}
      className={classes.chart}
      style={{ height }}
      role="slider"
      tabIndex={0}
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={index}
      aria-valuetext={bucket ? tell(bucket) : ""}
      onKeyDown={keys}
      onPointerDown={point}
      onPointerMove={point}
      onPointerLeave={() => setPointed(null)}
      onFocus={(event) => {
        if (event.currentTarget.matches(":focus-visible")) setPointed(last);
      }}
      onBlur={() => setPointed(null)}
    >
      {width > 0 && (
        <svg width={width} height={height} aria-hidden>
          {steps.map((one) => (
            <g key={one}>
              <line className={classes.grid} x1={left} x2={width - RIGHT} y1={y(one)} y2={y(one)} />
              <text className={classes.label} x={left - 8} y={y(one)} dy="0.32em" textAnchor="end">
                {value(one)}
              </text>
            </g>
          ))}
          <Times buckets={buckets} width={inner} x={x} y={height - 6} time={time} edge={width - RIGHT} />
          {isBars ? (
            <Bars buckets={buckets} x={x} y={y} slot={slot} pointed={pointed} />
          ) : (
            <Lines buckets={buckets} x={x} y={y} />
          )}
          {pointed !== null && bucket && (
            <>
              {!isBars && (
                <line className={classes.cursor} x1={x(index)} x2={x(index)} y1={TOP} y2={y(least)} />
              )}
              {!isBars && bucket.value !== null && (
                <circle className={classes.dot} cx={x(index)} cy={y(bucket.value)} r={5} />
              )}
            </>
          )}
        </svg>
      )}
      {pointed !== null && bucket && (
        <span
          className={classes.tip}
          style={{ left: Math.min(width - TIP_HALF, Math.max(TIP_HALF, x(index))) }}
          aria-hidden
        >
          <span>{time(bucket.at, false)}</span>
          <strong>{value(bucket.value)}</strong>
          {bucket.before && (
            <span className={classes.earlier}>
              {time(bucket.before.at, false)}: {value(bucket.before.value)}
            </span>
          )}
        </span>
      )}
    </div>
  );
}

interface Placed {
  buckets: Bucket[];
  x: (index: number) => number;
  y: (value: number) => number;
}

function Lines({ buckets, x, y }: Placed) {
  const now = buckets.map((one) => one.value);
  const drawn = line(now, x, y);
  const end = now.length - 1;
  const newest = now[end];
  return (
    <>
      <path
        className={classes.before}
        d={line(
          buckets.map((one) => one.before?.value),
          x,
          y,
        )}
      />
      {now.length > 1 && now.every((one) => one !== null) && (
        <path className={classes.area} d={`${drawn}L${x(end)} ${y(0)}L${x(0)} ${y(0)}Z`} />
      )}
      <path className={classes.line} d={drawn} />
      {newest !== null && newest !== undefined && (
        <circle className={classes.newest} cx={x(end)} cy={y(newest)} r={3.5} />
      )}
    </>
  );
}

function Bars({ buckets, x, y, slot, pointed }: Placed & { slot: number; pointed: number | null }) {
  const wide = Math.max(1.5, slot * 0.7);
  return buckets.map((one, index) => {
    const high = Math.max(one.value ? 2 : 0.75, y(0) - y(one.value ?? 0));
    return (
      <rect
        key={one.at}
        className={classes.bar}
        data-pointed={pointed === index || undefined}
        data-quiet={!one.value || undefined}
        x={x(index) - wide / 2}
        y={y(0) - high}
        width={wide}
        height={high}
        rx={Math.min(2, wide / 2)}
      />
    );
  });
}

interface TimesProps {
  buckets: Bucket[];
  width: number;
  x: (index: number) => number;
  y: number;
  time: Props["time"];
  edge: number;
}

const HALF_LABEL = 28;

function Times({ buckets, width, x, y, time, edge }: TimesProps) {
  const newest = buckets.at(-1);
  // Half of the last label stands beside its place, so that it ends with the chart.
  const space = (newest ? time(newest.at, true).length : 0) * DIGIT * 1.5 + 12;
  return labelled(buckets.length, width, space).map((index) => {
    const at = buckets[index]?.at ?? 0;
    // Labels at the edges stay inside.
    const isFirst = x(index) < HALF_LABEL;
    const isLast = x(index) > edge - HALF_LABEL;
    return (
      <text
        key={at}
        className={classes.label}
        x={isLast ? edge : isFirst ? 0 : x(index)}
        y={y}
        textAnchor={isLast ? "end" : isFirst ? "start" : "middle"}
      >
        {time(at, true)}
      </text>
    );
  });
}
