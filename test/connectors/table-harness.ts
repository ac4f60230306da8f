import { registry } from '../../connectors/index.ts';
import { bindTable } from '../../engine/connector/bind.ts';
import type { ConnectorContext } from '../../engine/connector/context.ts';
import type { Role } from '../../engine/connector/options.ts';
import type { Sink } from '../../engine/connector/sink.ts';
import type { Source } from '../../engine/connector/source.ts';
import type { TableColumn } from '../../engine/connector/table.ts';
import type { Diagnostic } from '../../engine/diagnostics/diagnostic.ts';
import { type RowBatch, rowsOf } from '../../engine/types/batch.ts';
import type { DataType, Scalar } from '../../engine/types/data-type.ts';
import { rejectsNothing } from './rejects-nothing.ts';

const span = { start: 0, end: 0 };

export const context: ConnectorContext = {
  job: 'test',
  id: 't',
  log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  counters: { add: () => {} },
  createTables: false,
  timeZone: 'UTC',
  rejects: rejectsNothing,
  notNull: 'ERROR',
};

/** A declared table: column types by name, options as in WITH. */
export interface TestTable {
  readonly columns: Readonly<Record<string, DataType>>;
  readonly metadata?: Readonly<Record<string, DataType>>;
  readonly options: Readonly<Record<string, string>>;
  readonly partitionedBy?: readonly string[];
}

function columnsOf(table: TestTable): TableColumn[] {
  return [
    ...Object.entries(table.columns).map(([name, type]) => ({ kind: 'physical', name, type }) as const),
    ...Object.entries(table.metadata ?? {}).map(
      ([name, type]) => ({ kind: 'metadata', name, key: name, virtual: true, type }) as const,
    ),
  ];
}

/** The table in a role, and everything that was reported about it. */
export function bind(table: TestTable, role: Role) {
  const diagnostics: Diagnostic[] = [];
  const report = { report: (diagnostic: Diagnostic) => diagnostics.push(diagnostic) };
  const written = Object.entries(table.options).map(([key, value]) => ({ key, value, keySpan: span, valueSpan: span }));
  const shape = { name: 't', columns: columnsOf(table), partitionedBy: table.partitionedBy ?? [] };
  const bound = bindTable(registry, shape, written, span, report)?.use(role, span, report);
  return { bound, messages: diagnostics.map((d) => d.message) };
}

export function sourceOf(table: TestTable, wanted?: readonly number[], more: Partial<ConnectorContext> = {}): Source {
  const { bound, messages } = bind(table, 'source');
  if (bound === undefined) throw new Error(messages.join('\n'));
  return bound.createSource(wanted ?? columnsOf(table).map((_, i) => i), { ...context, ...more });
}

export function sinkOf(table: TestTable, more: Partial<ConnectorContext> = {}): Sink {
  const { bound, messages } = bind(table, 'sink');
  if (bound === undefined) throw new Error(messages.join('\n'));
  return bound.createSink(
    Object.keys(table.columns).map((_, i) => i),
    { ...context, ...more },
  );
}

/** Opens a source at restored positions and reads it to its end. */
export async function readAll(
  source: Source,
  types: readonly DataType[],
  restored: ReadonlyMap<string, string> = new Map(),
): Promise<Scalar[][]> {
  await source.open(async (splits) => new Map(splits.flatMap((s) => (restored.has(s) ? [[s, restored.get(s)!]] : []))));
  const rows: Scalar[][] = [];
  try {
    for (;;) {
      const batch: RowBatch | null = await source.poll(new AbortController().signal);
      if (batch === null) return rows;
      rows.push(...rowsOf(types, batch));
    }
  } finally {
    await source.close();
  }
}

/** Writes batches through a sink with one commit after each. */
export async function writeAll(sink: Sink, batches: readonly RowBatch[]): Promise<void> {
  await sink.open();
  try {
    for (const batch of batches) {
      await sink.write(batch);
      await sink.commit({ positions: new Map() });
    }
  } finally {
    await sink.close();
  }
}
