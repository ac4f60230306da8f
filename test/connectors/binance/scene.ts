import { afterEach } from 'vitest';
import { binance } from '../../../connectors/binance/binance.ts';
import { type Exchange, type ExchangeOptions, startExchange } from '../../../connectors/binance/exchange/exchange.ts';
import { bindTable } from '../../../engine/connector/bind.ts';
import type { ConnectorContext } from '../../../engine/connector/context.ts';
import type { OptionText } from '../../../engine/connector/read-option.ts';
import type { Source } from '../../../engine/connector/source.ts';
import type { TableShape } from '../../../engine/connector/table.ts';
import type { Diagnostic } from '../../../engine/diagnostics/diagnostic.ts';
import { type RowBatch, rowsOf } from '../../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../../engine/types/data-type.ts';
import { rejectsNothing } from '../rejects-nothing.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export async function openExchange(options: ExchangeOptions = {}): Promise<Exchange> {
  const exchange = await startExchange({ tickInterval: 0, ...options });
  closing.push(() => exchange.close());
  return exchange;
}

export type Columns = Readonly<Record<string, DataType>>;
export type Options = Readonly<Record<string, string>>;

/** What a WITH clause gives: problems, and the table where there are none. */
export function bind(columns: Columns, options: Options) {
  const problems: Diagnostic[] = [];
  const sink = { report: (problem: Diagnostic) => void problems.push(problem) };
  const table: TableShape = {
    name: 'prices',
    columns: Object.entries(columns).map(([name, t]) => ({ kind: 'physical' as const, name, type: t })),
    partitionedBy: [],
  };
  const span = { start: 0, end: 0 };
  const written: OptionText[] = Object.entries({ connector: 'binance', ...options }).map(([key, value]) => ({
    key,
    value,
    keySpan: span,
    valueSpan: span,
  }));
  const bound = bindTable({ connectors: [binance as never], formats: [] }, table, written, span, sink);
  return { problems, bound: bound?.use('source', span, sink) };
}

/** Problems as `message: help`. */
export function problemsOf(columns: Columns, options: Options): string[] {
  return bind(columns, options).problems.map(({ message, help }) =>
    help === undefined ? message : `${message}: ${help}`,
  );
}

/** A source under test; what it read and counted. */
export interface Reading {
  readonly source: Source;
  readonly counts: Map<string, number>;
  readonly warnings: string[];
  /** Rows of one poll, as objects by column. */
  next(): Promise<Record<string, Scalar>[]>;
}

export const priceColumns: Columns = { symbol: type.string(), price: type.string(), event_time_ms: type.bigint() };

/** Opens a source on the exchange; times are short, so that tests are. */
export async function read(exchange: Exchange, columns: Columns, options: Options): Promise<Reading> {
  const { bound, problems } = bind(columns, {
    'rest-url': exchange.restUrl,
    'ws-url': exchange.wsUrl,
    symbols: 'BTCUSDT',
    'request.timeout': '300 ms',
    ...options,
  });
  if (bound === undefined) throw new Error(problems.map((p) => p.message).join('; '));
  const counts = new Map<string, number>();
  const warnings: string[] = [];
  const context: ConnectorContext = {
    job: 'test',
    id: 'prices',
    log: { debug() {}, info() {}, warn: (event) => void warnings.push(event), error() {} },
    counters: { add: (name, amount) => void counts.set(name, (counts.get(name) ?? 0) + amount) },
    createTables: false,
    timeZone: 'UTC',
    rejects: rejectsNothing,
    notNull: 'ERROR',
  };
  const names = Object.keys(columns);
  const source = bound.createSource(
    names.map((_, i) => i),
    context,
  );
  closing.push(() => source.close());
  await source.open(async () => new Map());
  const types = Object.values(columns);
  return {
    source,
    counts,
    warnings,
    next: async () => {
      const batch: RowBatch = (await source.poll(AbortSignal.timeout(20_000)))!;
      return rowsOf(types, batch).map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]!])));
    },
  };
}

/** Polls until `enough` of all rows so far. */
export async function readUntil(
  reading: Reading,
  enough: (rows: readonly Record<string, Scalar>[]) => boolean,
): Promise<Record<string, Scalar>[]> {
  const rows: Record<string, Scalar>[] = [];
  while (!enough(rows)) rows.push(...(await reading.next()));
  return rows;
}
