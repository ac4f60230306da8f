import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One answer of Flink; `type` only where there is a value. */
export interface Answer {
  readonly type?: string | null;
  readonly value?: string | null;
  readonly error?: { readonly phase: 'validate' | 'run'; readonly message: string } | null;
}

/** An expression and what Apache Flink 2.2.1 answered, in up to four layers; the last one is what columns would meet. */
export interface RecordedExpression extends Answer {
  readonly id: string;
  readonly group: string;
  readonly expr: string;
  readonly zone: string;
  readonly runtime?: Answer;
  readonly opaque?: Answer;
  readonly nullable?: Answer;
}

/** An expression over the columns of `columns-table.sql`, with its value per row. */
export interface RecordedColumn {
  readonly id: string;
  readonly expr: string;
  readonly zone: string;
  readonly type: string | null;
  readonly values: Readonly<Record<string, string | null>> | null;
  readonly error: Answer['error'];
}

/**
 * A statement and whether Flink takes it. `flink`: the syntax alone; `valid`: with validation and planning against the
 * tables of the context.
 */
export interface RecordedStatement {
  readonly id: string;
  readonly sql: string;
  readonly flink: 'accepts' | 'rejects';
  readonly message: string | null;
  readonly valid?: 'accepts' | 'rejects';
  readonly validMessage?: string;
}

/** The whole corpus where the environment names it (CRYPTOPIPE_CONFORMANCE), or lies beside the project; else a sample. */
export const folder =
  [process.env.CRYPTOPIPE_CONFORMANCE, path.resolve('..', 'shared', 'conformance')].find(
    (candidate) => candidate !== undefined && existsSync(path.join(candidate, 'expressions.jsonl')),
  ) ?? path.resolve('test', 'conformance');

export function readLines<T>(file: string): T[] {
  return readFileSync(path.join(folder, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

export function readText(file: string): string {
  return readFileSync(path.join(folder, file), 'utf8');
}

/** Shares per group, for the report of a run. */
export class Tally {
  readonly #groups = new Map<string, { agreed: number; total: number }>();

  count(group: string, agreed: boolean): void {
    const entry = this.#groups.get(group) ?? { agreed: 0, total: 0 };
    entry.total++;
    if (agreed) entry.agreed++;
    this.#groups.set(group, entry);
  }

  get share(): number {
    let agreed = 0;
    let total = 0;
    for (const entry of this.#groups.values()) {
      agreed += entry.agreed;
      total += entry.total;
    }
    return total === 0 ? 1 : agreed / total;
  }

  print(title: string): void {
    const lines = [...this.#groups].map(([group, { agreed, total }]) => `  ${group.padEnd(18)} ${agreed}/${total}`);
    console.info(`${title}: ${(100 * this.share).toFixed(1)} %\n${lines.join('\n')}`);
  }
}
