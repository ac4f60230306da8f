import type { ConnectorContext } from '../../engine/connector/context.ts';
import { RowError } from '../../engine/connector/errors.ts';
import type { Encoder } from '../../engine/connector/format.ts';
import type { RejectPolicy, RejectReason } from '../../engine/connector/rejection.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import { type Column, type RowBatch, RowKind } from '../../engine/types/batch.ts';
import type { Field, Scalar } from '../../engine/types/data-type.ts';
import { rowJson } from '../../engine/types/row-json.ts';
import type { Headers } from './batch-builder.ts';
import type { KeyValueFields } from './key-value-fields.ts';
import type { TopicChoice } from './topics.ts';

/** Takes the records of rows, or throws a `RowError`. `topic` is undefined where the table has only one. */
export type TakeRecord = (
  topic: string | undefined,
  key: Buffer | null,
  value: Buffer | null,
  timestamp: number,
  headers: Headers | undefined,
) => void;

/** How rows of a table become records. */
export interface RowRecordsOptions {
  readonly table: TableShape;
  /** Indexes into `table.columns` of the columns of a batch. */
  readonly written: readonly number[];
  readonly fields: KeyValueFields;
  readonly key: Encoder | undefined;
  readonly value: Encoder;
  readonly topics: TopicChoice;
  /** Deleted rows become records without value. */
  readonly upsert: boolean;
  /** What becomes of rows that no record can be made of. */
  readonly policy: (reason: RejectReason) => RejectPolicy;
}

/** Turns rows into records: key, value, and what metadata columns say. */
export class RowRecords {
  readonly #options: RowRecordsOptions;
  readonly #context: ConnectorContext;
  readonly #key: readonly number[];
  readonly #value: readonly number[];
  readonly #required: readonly number[];
  readonly #columns: readonly Field[];
  readonly #topic: number;
  readonly #timestamp: number;
  readonly #headers: number;
  readonly #headerList: number;
  readonly #fitting = new Map<string, boolean>();

  constructor(options: RowRecordsOptions, context: ConnectorContext) {
    const { table, written, fields } = options;
    this.#options = options;
    this.#columns = written.map((column) => table.columns[column]!);
    this.#context = context;
    this.#key = fields.key.map((column) => written.indexOf(column));
    this.#value = fields.value.map((column) => written.indexOf(column));
    const metadata = (key: string): number =>
      written.findIndex((index) => {
        const column = table.columns[index]!;
        return column.kind === 'metadata' && column.key === key;
      });
    this.#topic = metadata('topic');
    this.#timestamp = metadata('timestamp');
    this.#headers = metadata('headers');
    this.#headerList = metadata('header-list');
    this.#required = written.flatMap((index, i) => {
      const column = table.columns[index]!;
      return column.kind === 'physical' && !column.type.nullable ? [i] : [];
    });
  }

  /** The topics of the table that rows of the batch name; empty where the table has only one. */
  topicsOf(batch: RowBatch): Set<string> {
    const topics = new Set<string>();
    if (this.#topic < 0) return topics;
    const { values, nulls } = batch.columns[this.#topic]!;
    for (let i = 0; i < batch.length; i++) {
      if (nulls?.[i] !== 1 && this.#allowed(values[i] as string)) topics.add(values[i] as string);
    }
    return topics;
  }

  /** Hands the records of the batch to `take`, in order. */
  write(batch: RowBatch, take: TakeRecord): void {
    const { key, value, upsert } = this.#options;
    const keyColumns = this.#key.map((i) => batch.columns[i]!);
    const valueColumns = this.#value.map((i) => batch.columns[i]!);
    const topics = this.#topic < 0 ? undefined : batch.columns[this.#topic]!;
    const now = Date.now();
    const left = upsert && batch.kinds?.includes(RowKind.updateBefore) ? this.#leftRows(batch, keyColumns) : undefined;
    for (let i = 0; i < batch.length; i++) {
      const kind = batch.kinds === undefined ? RowKind.insert : batch.kinds[i]!;
      if (kind === RowKind.updateBefore && left?.has(i) !== true) continue;
      const deleted = upsert && (kind === RowKind.delete || kind === RowKind.updateBefore);
      try {
        if (this.#required.length > 0 && !deleted && !this.#complete(batch, i)) continue;
        const keyBytes = key === undefined || key.isNull?.(keyColumns, i) ? null : key.encode(keyColumns, i);
        const valueBytes = deleted || value.isNull?.(valueColumns, i) ? null : value.encode(valueColumns, i);
        const topic = topics === undefined ? undefined : this.#topicOf(topics, i);
        take(topic, keyBytes, valueBytes, this.#timestampOf(batch, i, now), this.#headersOf(batch, i));
      } catch (error) {
        if (!(error instanceof RowError)) throw error;
        this.#reject(batch, i, error);
      }
    }
  }

  /** The rows -U after which nothing more is said of their key: what they were has gone, as after -D. */
  #leftRows({ length, kinds }: RowBatch, columns: readonly Column[]): ReadonlySet<number> {
    const { key } = this.#options;
    const last = new Map<string, number>();
    for (let i = 0; i < length; i++) {
      try {
        last.set(key!.encode(columns, i).toString('latin1'), i);
      } catch (error) {
        // It is rejected when it is written.
        if (!(error instanceof RowError)) throw error;
      }
    }
    return new Set([...last.values()].filter((i) => kinds![i] === RowKind.updateBefore));
  }

  #reject(batch: RowBatch, i: number, error: RowError): void {
    const { reason, message } = error;
    const policy = this.#options.policy(reason);
    if (policy === 'fail') throw error;
    const value = rowJson(this.#columns, batch.columns, i);
    const key = this.#key.length === 0 ? {} : { key: rowJson(this.#columns, batch.columns, i, this.#key) };
    this.#context.rejects.add({ reason, policy, message, value, ...key });
  }

  #complete(batch: RowBatch, i: number): boolean {
    for (const c of this.#required) {
      if (batch.columns[c]!.nulls?.[i] !== 1) continue;
      if (this.#context.notNull === 'DROP' && this.#options.policy('constraint') === 'fail') {
        this.#context.counters.add('rows_dropped_not_null', 1);
        return false;
      }
      const { table, written } = this.#options;
      const name = table.columns[written[c]!]!.name;
      throw new RowError(
        'null-in-not-null',
        'constraint',
        `column '${name}' of table '${table.name}' is NOT NULL, but a row holds NULL`,
        "SET 'table.exec.sink.not-null-enforcer' = 'DROP' drops such rows",
      );
    }
    return true;
  }

  #topicOf(column: Column, i: number): string {
    const { topics, table } = this.#options;
    if (column.nulls?.[i] === 1) {
      const message = `column 'topic' of table '${table.name}' is NULL: each row must name its topic`;
      throw new RowError('bad-topic', 'constraint', message);
    }
    const topic = column.values[i] as string;
    if (this.#allowed(topic)) return topic;
    const allowed =
      topics.kind === 'names'
        ? `option 'topic' allows ${topics.names.map((n) => `'${n}'`).join(', ')}`
        : `option 'topic-pattern' allows '${topics.text}'`;
    throw new RowError('bad-topic', 'constraint', `a row of table '${table.name}' names topic '${topic}': ${allowed}`);
  }

  #allowed(topic: string): boolean {
    const { topics } = this.#options;
    let fits = this.#fitting.get(topic);
    if (fits === undefined) {
      fits = topics.kind === 'names' ? topics.names.includes(topic) : topics.pattern.test(topic);
      this.#fitting.set(topic, fits);
    }
    return fits;
  }

  #timestampOf(batch: RowBatch, i: number, now: number): number {
    if (this.#timestamp < 0) return now;
    const column = batch.columns[this.#timestamp]!;
    if (column.nulls?.[i] === 1) return now;
    const ms = Number((column.values as BigInt64Array)[i]! / 1000n);
    if (ms < 0) {
      throw new RowError(
        'bad-timestamp',
        'out-of-range',
        `column 'timestamp' of table '${this.#options.table.name}' is before 1970, which Kafka cannot store`,
      );
    }
    return ms;
  }

  #headersOf(batch: RowBatch, i: number): Headers | undefined {
    if (this.#headerList >= 0) {
      const column = batch.columns[this.#headerList]!;
      if (column.nulls?.[i] === 1) return undefined;
      const rows = column.values[i] as readonly (readonly Scalar[] | null)[];
      return rows.flatMap((row) =>
        row === null || row[0] === null ? [] : [[row[0], row[1]] as [string, Uint8Array | null]],
      );
    }
    if (this.#headers < 0) return undefined;
    const column = batch.columns[this.#headers]!;
    if (column.nulls?.[i] === 1) return undefined;
    const map = column.values[i] as ReadonlyMap<string | null, Uint8Array | null>;
    // As in Flink, headers without key or value are left out of a map.
    return [...map].flatMap(([k, v]) => (k === null || v === null ? [] : [[k, v] as [string, Uint8Array]]));
  }
}
