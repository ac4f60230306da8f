import type { Report, Result } from './report.ts';

/** One line of what was asked: the figure that was reached, undefined where the run did not measure it. */
interface Goal {
  readonly asked: string;
  readonly reached: string | undefined;
  readonly met: boolean;
}

/** What was asked of the program and what a run reached, as a Markdown table; what is missed stands out. */
export function renderGoals(report: Report): string {
  const lines = goals(report).map(({ asked, reached, met }) => {
    if (reached === undefined) return `| ${asked} | not measured in this run |`;
    return `| ${asked} | ${met ? reached : `**missed**: ${reached}`} |`;
  });
  return ['| asked | reached |', '|---|---|', ...lines].join('\n');
}

function goals({ results }: Report): Goal[] {
  const of = (name: string, runner: string) => results.find((r) => r.name === name && r.runner === runner);
  const own = (name: string) => of(name, 'cryptopipe');
  const rate = (name: string, runner: string, least: number, asked: string) =>
    atLeast(asked, ratio(own(name)?.messagesPerSecond?.median, of(name, runner)?.messagesPerSecond?.median), least);
  const first = own('first-row')?.seconds;
  const latency = own('latency-200');
  return [
    rate('seed', 'Flink, hot', 2, '→ blackhole: ≥ 2 × Flink hot'),
    atLeast(
      '→ blackhole: ≤ 1/2 of its processor time per message',
      ratio(of('seed', 'Flink, hot')?.cpuMicroseconds, own('seed')?.cpuMicroseconds),
      2,
      (times) => `1/${times.toFixed(1)}`,
    ),
    rate('keys', 'Flink, tuned', 2, '3 keys → PostgreSQL: ≥ 2 × Flink tuned'),
    rate('keys', 'Flink, default', 5, '3 keys → PostgreSQL: ≥ 5 × Flink default'),
    rate('distinct', 'Flink, tuned', 1.4, 'distinct keys → PostgreSQL: ≥ 1.4 × Flink tuned'),
    {
      asked: 'first row, servers up: ≤ 0.7 s',
      reached: first === undefined ? undefined : `${first.toFixed(2)} s`,
      met: first !== undefined && first <= 0.7,
    },
    atLeast('first row: ≥ 8 × sooner than Flink', ratio(of('first-row', 'Flink, default')?.seconds, first), 8),
    {
      asked: 'latency at 200 msg/s: p50 ≤ 8 ms, p99 ≤ 30 ms',
      reached: latency === undefined ? undefined : `${latency.p50} ms, ${latency.p99} ms`,
      met: latency !== undefined && latency.p50! <= 8 && latency.p99! <= 30,
    },
    atLeast(
      'resident memory at full speed: ≤ 1/10 of Flink',
      memoryRatio(own('seed'), of('seed', 'Flink, hot')),
      10,
      (times) => `1/${times.toFixed(1)}`,
    ),
    rate('seed', 'kafkajs loop', 4, '→ blackhole: ≥ 4 × a kafkajs loop'),
    rate('odd', 'Flink, hot', 0.8, 'messages off the fast path: ≥ 0.8 × Flink hot'),
  ];
}

function atLeast(
  asked: string,
  reached: number | undefined,
  least: number,
  text = (times: number) => `${times.toFixed(2)} ×`,
): Goal {
  return {
    asked,
    reached: reached === undefined ? undefined : text(reached),
    met: reached !== undefined && reached >= least,
  };
}

function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

function memoryRatio(own: Result | undefined, other: Result | undefined): number | undefined {
  return ratio(other?.memory, own?.memory);
}
