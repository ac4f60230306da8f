import { type Report, type Result, thousands } from './report.ts';

export interface Chart {
  /** Of its file, without '.svg'. */
  readonly name: string;
  readonly title: string;
  readonly svg: string;
}

interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
}

/** Bars that are compared with each other: the longest of them has the full length. */
interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 760;
const LABELS = 150;
const FIGURES = 110;
const ROW = 20;
const HEAD = 30;

/** Bar charts of a run: speed, processor time, memory, and time to the first row with latencies; those with figures. */
export function renderCharts({ results }: Report): Chart[] {
  const bulk = results.filter((r) => r.messagesPerSecond !== undefined);
  const first = results.filter((r) => r.seconds !== undefined);
  const latencies = results.filter((r) => r.p50 !== undefined);
  return [
    chart('speed', 'messages per second, more is better', groups(bulk, rateBar)),
    chart('processor', 'microseconds of processor time per message, less is better', groups(bulk, processorBar)),
    chart('memory', 'resident memory in MB, less is better', groups(bulk, memoryBar)),
    chart('delay', 'seconds to the first row, milliseconds of latency (p50 and p99), less is better', [
      ...groups(first, ({ seconds }) => [{ label: '', value: seconds!, text: `${seconds!.toFixed(2)} s` }]),
      ...groups(latencies, ({ p50, p99 }) => [
        { label: ' p50', value: p50!, text: `${p50} ms` },
        { label: ' p99', value: p99!, text: `${p99} ms` },
      ]),
    ]),
  ].filter((made) => made !== undefined);
}

function rateBar({ messagesPerSecond }: Result): Bar[] {
  const { median } = messagesPerSecond!;
  return [{ label: '', value: median, text: thousands(median) }];
}

function processorBar({ cpuMicroseconds = 0 }: Result): Bar[] {
  return [{ label: '', value: cpuMicroseconds, text: cpuMicroseconds.toFixed(2) }];
}

function memoryBar({ memory = 0 }: Result): Bar[] {
  return [{ label: '', value: memory, text: memory.toFixed(0) }];
}

/** One group for each case; labels of `barsOf` follow who ran it. */
function groups(results: readonly Result[], barsOf: (result: Result) => readonly Bar[]): Group[] {
  return [...new Set(results.map((r) => r.title))].map((title) => ({
    title,
    bars: results
      .filter((r) => r.title === title)
      .flatMap((result) => barsOf(result).map((bar) => ({ ...bar, label: `${result.runner}${bar.label}` }))),
  }));
}

function chart(name: string, title: string, shown: readonly Group[]): Chart | undefined {
  if (shown.length === 0) return undefined;
  const parts: string[] = [text(0, 16, 'title', title)];
  let y = 30;
  for (const group of shown) {
    parts.push(text(0, y + 18, 'case', group.title));
    y += HEAD;
    const longest = Math.max(...group.bars.map((bar) => bar.value));
    for (const bar of group.bars) {
      const length = Math.max(1, (bar.value / longest) * (WIDTH - LABELS - FIGURES));
      const own = bar.label.startsWith('cryptopipe') ? 'own' : 'other';
      parts.push(
        text(LABELS - 8, y + 13, 'label', bar.label),
        `<rect x="${LABELS}" y="${y + 2}" width="${length.toFixed(1)}" height="${ROW - 6}" class="${own}"/>`,
        text(LABELS + length + 6, y + 13, 'figure', bar.text),
      );
      y += ROW;
    }
  }
  const height = y + 8;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 14px; font-weight: 600 }
.case { font-weight: 600 }
.label { text-anchor: end }
.own { fill: #1a7f5a }
.other { fill: #9aa4af }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .own { fill: #3fb98a } .other { fill: #6e7681 } }
</style>
${parts.join('\n')}
</svg>
`;
  return { name, title, svg };
}

function text(x: number, y: number, kind: string, content: string): string {
  return `<text x="${x.toFixed(1)}" y="${y}" class="${kind}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
