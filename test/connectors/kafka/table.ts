import { json } from '../../../connectors/formats/json.ts';
import { kafka } from '../../../connectors/kafka/kafka.ts';
import { kafkaMetadata, type MetadataKey } from '../../../connectors/kafka/metadata-columns.ts';
import { upsertKafka } from '../../../connectors/kafka/upsert-kafka.ts';
import { type BoundConnector, bindTable } from '../../../engine/connector/bind.ts';
import type { ConnectorContext } from '../../../engine/connector/context.ts';
import { DecodeError } from '../../../engine/connector/errors.ts';
import { defineFormat } from '../../../engine/connector/format.ts';
import type { Role } from '../../../engine/connector/options.ts';
import type { Sink } from '../../../engine/connector/sink.ts';
import type { Positions, Source } from '../../../engine/connector/source.ts';
import type { TableColumn, TableShape } from '../../../engine/connector/table.ts';
import { type Diagnostic, Diagnostics } from '../../../engine/diagnostics/diagnostic.ts';
import { batchOf, columnOf, type RowBatch, rowsOf, valueAt } from '../../../engine/types/batch.ts';
import { type DataType, type Scalar, type } from '../../../engine/types/data-type.ts';
import { rejectsNothing } from '../rejects-nothing.ts';

/**
 * A format of these tests: 'x' is a row of x in every column, 'a|b' two rows, '' none, and what begins with '!' is
 * malformed.
 */
export const text = defineFormat({
  name: 'text',
  doc: 'Text of tests.',
  options: {},
  createDecoder: (fields, wanted) => {
    let rows: string[] = [];
    return {
      get length() {
        return rows.length;
      },
      reserve() {},
      decode(bytes, start, end) {
        const message = bytes.toString('utf8', start, end);
        if (message.startsWith('!')) throw new DecodeError('text begins with !', fields[0]?.name);
        if (message !== '') rows.push(...message.split('|'));
      },
      take() {
        const columns = wanted.map(() => columnOf(type.string(), rows));
        rows = [];
        return columns;
      },
    };
  },
  createEncoder: (fields) => ({
    isNull: (columns, i) => fields.every((_, c) => columns[c]!.nulls?.[i] === 1),
    encode: (columns, i) => Buffer.from(fields.map((f, c) => valueAt(f.type, columns[c]!, i)).join(',')),
  }),
});

/** A table with STRING columns; a name such as 'offset@' is the metadata column of that key. */
export function tableOf(...names: string[]): TableShape {
  const columns = names.map((name): TableColumn => {
    if (!name.endsWith('@')) return { kind: 'physical', name, type: type.string() };
    const key = name.slice(0, -1);
    return { kind: 'metadata', name: key, key, virtual: true, type: kafkaMetadata[key as MetadataKey].type };
  });
  return { name: 't', columns, partitionedBy: [] };
}

/** The diagnostics of a table that is read or written, with the table in that role where there are no errors. */
export function bindAs(
  role: Role,
  table: TableShape,
  options: Readonly<Record<string, string>>,
): { problems: Diagnostic[]; use?: BoundConnector } {
  const diagnostics = new Diagnostics();
  const span = { start: 0, end: 1 };
  const written = Object.entries({ connector: 'kafka', format: 'text', ...options })
    .filter(([, value]) => value !== '')
    .map(([key, value], i) => ({
      key,
      value,
      keySpan: { start: i * 10, end: i * 10 + 1 },
      valueSpan: { start: i * 10 + 5, end: i * 10 + 6 },
    }));
  const bound = bindTable(
    { connectors: [kafka, upsertKafka], formats: [text, json] },
    table,
    written,
    span,
    diagnostics,
  );
  const use = bound?.use(role, span, diagnostics);
  const problems = diagnostics.list;
  return use === undefined ? { problems } : { problems, use };
}

/** The diagnostics of a table that is read, with the source where there are no errors. */
export function bind(
  table: TableShape,
  options: Readonly<Record<string, string>>,
  context: Partial<ConnectorContext> = {},
): { problems: Diagnostic[]; source?: Source } {
  const { problems, use } = bindAs('source', table, options);
  if (use === undefined) return { problems };
  return { problems, source: use.createSource([...table.columns.keys()], { ...quiet(), ...context }) };
}

/** A sink of a table; throws where the options are wrong. Batches hold all its columns. */
export function sinkOf(
  table: TableShape,
  options: Readonly<Record<string, string>>,
  context: Partial<ConnectorContext> = {},
): Sink {
  const { use, problems } = bindAs('sink', table, options);
  if (use === undefined) throw new Error(problems.map((p) => p.message).join('\n'));
  return use.createSink([...table.columns.keys()], { ...quiet(), ...context });
}

/** A batch of rows of a table. */
export function rowsFor(table: TableShape, rows: readonly (readonly Scalar[])[], kinds?: readonly number[]): RowBatch {
  const batch = batchOf(
    table.columns.map((c) => c.type),
    rows,
  );
  return kinds === undefined ? batch : { ...batch, kinds: Uint8Array.from(kinds) };
}

/** A context that keeps what was logged. */
export function quiet(events: string[] = []): ConnectorContext {
  const log = (event: string, fields?: Readonly<Record<string, unknown>>): void => {
    events.push(`${event} ${JSON.stringify(fields ?? {})}`);
  };
  return {
    job: 'test',
    id: 't',
    log: { debug: () => {}, info: log, warn: log, error: log },
    counters: { add: () => {} },
    createTables: false,
    timeZone: 'UTC',
    rejects: rejectsNothing,
    notNull: 'ERROR',
  };
}

/** A source of `tableOf(...names)`; throws where the options are wrong. */
export function sourceOf(
  names: readonly string[],
  options: Readonly<Record<string, string>>,
  context: Partial<ConnectorContext> = {},
): Reader {
  const table = tableOf(...names);
  const { source, problems } = bind(table, options, context);
  if (source === undefined) throw new Error(problems.map((p) => p.message).join('\n'));
  return new Reader(
    source,
    table.columns.map((c) => c.type),
  );
}

/** Reads rows of a source as plain values. */
export class Reader {
  readonly source: Source;
  readonly #types: readonly DataType[];
  readonly #abort = new AbortController();

  constructor(source: Source, types: readonly DataType[]) {
    this.source = source;
    this.#types = types;
  }

  open(restored: Positions | Readonly<Record<string, string>> = {}): Promise<void> {
    const known = restored instanceof Map ? restored : new Map(Object.entries(restored));
    return this.source.open(
      async (splits) => new Map(splits.flatMap((split) => (known.has(split) ? [[split, known.get(split)!]] : []))),
    );
  }

  /** At least `count` rows, as arrays of values. */
  async rows(count: number): Promise<Scalar[][]> {
    const rows: Scalar[][] = [];
    while (rows.length < count) {
      const batch = await this.source.poll(this.#abort.signal);
      if (batch === null) throw new Error(`the source ended after ${rows.length} rows`);
      rows.push(...rowsOf(this.#types, batch));
    }
    return rows;
  }

  /** All rows of a bounded source. */
  async all(): Promise<Scalar[][]> {
    const rows: Scalar[][] = [];
    for (;;) {
      const batch = await this.source.poll(this.#abort.signal);
      if (batch === null) return rows;
      rows.push(...rowsOf(this.#types, batch));
    }
  }

  positions(): Record<string, string> {
    return Object.fromEntries([...this.source.positions()].sort());
  }
}

/** Opens a bounded source, reads all, closes it. */
export async function readAll(
  names: readonly string[],
  options: Readonly<Record<string, string>>,
  restored: Readonly<Record<string, string>> = {},
): Promise<Scalar[][]> {
  const reader = sourceOf(names, options);
  try {
    await reader.open(restored);
    return await reader.all();
  } finally {
    await reader.source.close();
  }
}
