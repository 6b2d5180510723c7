// A line over time, drawn by uPlot, beside the same line of the time before. A part of its own that is loaded when a
// dashboard is. What it shows stands in the table beside it too.
import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import uPlot from "uplot";

export interface ChartData {
  /** When each bucket begins, in seconds since 1970. */
  at: number[];
  values: (number | null)[];
  before: (number | null)[] | null;
}

interface Props {
  data: ChartData;
  height?: number;
  value: (value: number) => string;
  time: (at: number, isShort: boolean) => string;
  /** The bucket that is pointed at, or none. */
  onPoint: (index: number | null) => void;
}

function colours(element: HTMLElement) {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return { line: of("--accent"), soft: of("--text-soft"), grid: of("--line") };
}

export default function Chart({ data, height = 240, value, time, onPoint }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ data, value, time, onPoint });
  latest.current = { data, value, time, onPoint };

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const draw = () => {
      plot.current?.destroy();
      const { line, soft, grid } = colours(element);
      const axis = { stroke: soft, font: "12px system-ui, sans-serif", ticks: { show: false } };
      plot.current = new uPlot(
        {
          width: element.clientWidth,
          height,
          legend: { show: false },
          padding: [12, 8, 0, 0],
          cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
          scales: {
            // From nothing up, and never a scale without height.
            y: { range: (_, __, most) => [0, Math.max(1, most * 1.08)] },
          },
          axes: [
            {
              ...axis,
              grid: { show: false },
              space: 72,
              values: (_, splits) => splits.map((at) => latest.current.time(at * 1000, true)),
            },
            {
              ...axis,
              size: 64,
              grid: { stroke: grid, width: 1 },
              space: 44,
              values: (_, splits) => splits.map((one) => latest.current.value(one)),
            },
          ],
          series: [
            {},
            {
              stroke: line,
              width: 2,
              fill: `color-mix(in srgb, ${line} 14%, transparent)`,
              points: { show: false },
            },
            { stroke: soft, width: 1.5, dash: [4, 4], points: { show: false } },
          ],
          hooks: { setCursor: [(chart) => latest.current.onPoint(chart.cursor.idx ?? null)] },
        },
        rows(latest.current.data),
        element,
      );
    };
    draw();
    const sizes = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    // Another theme has other colours.
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });
    return () => {
      sizes.disconnect();
      theme.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [height]);

  useEffect(() => plot.current?.setData(rows(data)), [data]);

  return <div ref={box} aria-hidden />;
}

function rows({ at, values, before }: ChartData): uPlot.AlignedData {
  return [at, values, before ?? at.map(() => null)];
}
