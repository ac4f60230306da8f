interface Cost {
  readonly seconds: number;
  readonly cpu: number;
  /** Peak, MB. */
  readonly memory: number;
}

/** A query as it ran here and in Flink. */
export interface NexmarkLine {
  readonly query: string;
  /** Of the final table; of q12 bidders. */
  readonly rows: number;
  /** Whether Flink left the same table; absent where it was not asked. */
  readonly same?: boolean;
  readonly here: Cost;
  readonly flink?: Cost;
}

export interface NexmarkReport {
  readonly machine: string;
  readonly versions: string;
  readonly command: string;
  readonly events: number;
  readonly lines: readonly NexmarkLine[];
}

/** The report as Markdown. */
export function renderNexmark({ machine, versions, command, events, lines }: NexmarkReport): string {
  const date = new Date().toISOString().slice(0, 10);
  const rows = lines.map(({ query, rows, same, here, flink }) => {
    const result = same === undefined ? '' : same ? 'the same' : '**other**';
    const own = costs(here);
    const theirs = flink === undefined ? ['', '', ''] : costs(flink);
    return `| ${[query, count(rows), result, own[0], theirs[0], own[1], theirs[1], own[2], theirs[2]].join(' | ')} |`;
  });
  return `${[
    `${date}, ${machine}, ${versions}; \`${command.trim()}\`, ${count(events)} events.`,
    '',
    '| query | rows left | as Flink | s | Flink s | CPU s | Flink CPU s | MB | Flink MB |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')}\n`;
}

function costs({ seconds, cpu, memory }: Cost): readonly [string, string, string] {
  return [seconds.toFixed(1), cpu.toFixed(1), memory.toFixed(0)];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
