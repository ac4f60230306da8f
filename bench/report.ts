/** One line of the table: a case and who ran it. */
export interface Result {
  readonly name: string;
  readonly title: string;
  readonly runner: string;
  readonly messagesPerSecond?: { readonly median: number; readonly least: number; readonly most: number };
  /** CPU per message of the process tree. */
  readonly cpuMicroseconds?: number;
  /** Peak resident MB. */
  readonly memory?: number;
  readonly seconds?: number;
  readonly p50?: number;
  readonly p99?: number;
}

export interface Report {
  readonly date: string;
  readonly machine: string;
  readonly versions: string;
  readonly command: string;
  readonly runs: number;
  readonly results: readonly Result[];
}

/** The report as Markdown; ratios are cryptopipe's messages per second over the other's, medians of one run. */
export function renderReport({ date, machine, versions, command, runs, results }: Report): string {
  const lines = [
    `${date}, ${machine}, ${versions}; \`${command}\`, medians of ${runs}.`,
    '',
    '| case | who | msg/s (least–most) | µs CPU/msg | MB | cryptopipe is |',
    '|---|---|---|---|---|---|',
  ];
  for (const result of results) {
    const { messagesPerSecond: rate } = result;
    if (rate === undefined) continue;
    const own = results.find((r) => r.name === result.name && r.runner === 'cryptopipe')?.messagesPerSecond;
    const ratio =
      own === undefined || result.runner === 'cryptopipe' ? '' : `${(own.median / rate.median).toFixed(2)} ×`;
    lines.push(
      `| ${result.title} | ${result.runner} | ${thousands(rate.median)} (${thousands(rate.least)}–${thousands(rate.most)}) | ` +
        `${result.cpuMicroseconds!.toFixed(2)} | ${result.memory!.toFixed(0)} | ${ratio} |`,
    );
  }
  lines.push('');
  for (const { title, runner, seconds, p50, p99 } of results) {
    if (seconds !== undefined) lines.push(`- ${title}, ${runner}: ${seconds.toFixed(2)} s`);
    if (p50 !== undefined) lines.push(`- ${title}, ${runner}: p50 ${p50} ms, p99 ${p99} ms`);
  }
  return `${lines.join('\n')}\n`;
}

/** A rate in short: 1.23 M, 456 k. */
export function thousands(value: number): string {
  return value >= 1e6 ? `${(value / 1e6).toFixed(2)} M` : `${(value / 1e3).toFixed(0)} k`;
}
