import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { showTime } from './show-figures.ts';
import { useMedia } from './use-media.ts';

export interface ChartLine {
  readonly label: string;
  /** 'right': measured on the axis on the right. */
  readonly axis?: 'right';
}

export interface ChartProps {
  readonly title: string;
  /** What it shows now, for those who do not see it. */
  readonly summary: string;
  readonly lines: readonly ChartLine[];
  /** Seconds since 1970, and the values of each line. */
  readonly data: readonly (readonly (number | null)[])[];
  /** Changes whenever `data` does, which may be the same arrays. */
  readonly version: number;
  show(value: number): string;
  showRight?(value: number): string;
  /** Whether the axis begins at zero. */
  readonly fromZero: boolean;
}

const HEIGHT = 150;
const COLOURS = 8;

/** Lines over time. Drawn anew where the lines, the width or the colour scheme change, else only fed. */
export function Chart(props: ChartProps) {
  const { title, summary, lines, data, version } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const dark = useMedia('(prefers-color-scheme: dark)');
  const shape = JSON.stringify(lines);
  useEffect(() => {
    const box = place.current!;
    plot.current = new uPlot(optionsOf(props, box), data as uPlot.AlignedData, box);
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: box.clientWidth, height: HEIGHT }));
    resized.observe(box);
    return () => {
      resized.disconnect();
      plot.current?.destroy();
    };
  }, [shape, dark]);
  useEffect(() => plot.current?.setData(data as uPlot.AlignedData), [version]);
  return (
    <figure class="chart" aria-label={`${title}: ${summary}`}>
      <figcaption>
        {title} <span class="figure">{summary}</span>
      </figcaption>
      <div ref={place} />
    </figure>
  );
}

function optionsOf({ lines, show, showRight, fromZero }: ChartProps, box: HTMLElement): uPlot.Options {
  const style = getComputedStyle(box);
  const colour = (name: string) => style.getPropertyValue(name);
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
  const values = (text: (value: number) => string) => (_: uPlot, at: number[]) => at.map(text);
  const range: uPlot.Range.Function = (_, low, high) => {
    if (low === null || high === null) return [0, 1];
    if (fromZero) return [0, high > 0 ? high * 1.1 : 1];
    const margin = (high - low) * 0.1 || Math.abs(high) * 0.01 || 1;
    return [low - margin, high + margin];
  };
  const right = lines.some((line) => line.axis === 'right');
  return {
    width: box.clientWidth,
    height: HEIGHT,
    scales: { y: { range }, ...(right ? { right: { range } } : {}) },
    axes: [
      { ...axis, values: '{HH}:{mm}:{ss}', space: 70, size: 30 },
      { ...axis, values: values(show), size: 62 },
      ...(right
        ? [
            {
              ...axis,
              scale: 'right',
              side: 1 as const,
              grid: { show: false },
              values: values(showRight ?? show),
              size: 62,
            },
          ]
        : []),
    ],
    cursor: { points: { size: 6 }, drag: { x: true, y: false } },
    legend: { live: true },
    series: [
      { label: '', value: (_, time: number | null) => (time === null ? '' : showTime(time * 1000)) },
      ...lines.map((line, i): uPlot.Series => {
        const text = line.axis === 'right' ? (showRight ?? show) : show;
        return {
          label: line.label,
          scale: line.axis === 'right' ? 'right' : 'y',
          stroke: colour(`--c${i % COLOURS}`),
          width: 1.5,
          spanGaps: !fromZero,
          points: { show: false },
          value: (_, value: number | null) => (value === null ? '' : text(value)),
        };
      }),
    ],
  };
}
