import type { MetadataColumn } from '../../engine/connector/define.ts';
import { allocate, type Column, type ColumnValues } from '../../engine/types/batch.ts';
import { type DataType, type Field, type } from '../../engine/types/data-type.ts';
import type { BatchHeader } from './record-batch.ts';
import { readHeaderList, readHeaderMap } from './record-headers.ts';
import type { Split } from './split.ts';

const header: Field[] = [
  { name: 'key', type: type.string(false) },
  { name: 'value', type: type.bytes() },
];

/** The metadata columns of Kafka tables, by key. */
export const kafkaMetadata = {
  topic: column('Topic of the record.', type.string(false), true),
  partition: column('Partition of the record.', type.int(false), false),
  headers: column(
    'Headers as a map; the last of several with one key.',
    type.map(type.string(), type.bytes(), false),
    true,
  ),
  'header-list': column('Headers in their order, all of them.', type.array(type.row(header, false), false), true),
  'leader-epoch': column('Leader epoch of the record, where the broker knows one.', type.int(), false),
  offset: column('Offset of the record in its partition.', type.bigint(false), false),
  timestamp: column('Timestamp of the record.', type.timestampLtz(3, false), true),
  'timestamp-type': column(
    "What the timestamp means: 'CreateTime', 'LogAppendTime' or 'NoTimestampType'.",
    type.string(false),
    false,
  ),
} as const satisfies Record<string, MetadataColumn>;

export type MetadataKey = keyof typeof kafkaMetadata;

function column(doc: string, dataType: DataType, writable: boolean): MetadataColumn {
  return { doc, type: dataType, readable: true, writable };
}

/** Collects one metadata column of the records that a source reads. */
export interface MetadataBuilder {
  /** Called before the records of a batch. */
  begin(split: Split, header: BatchHeader): void;
  /** Sets rows `[from, to)` to the value of one record. */
  fill(from: number, to: number, bytes: Buffer, headersAt: number, offset: number, timestamp: number): void;
  /** The first `length` rows; starts anew. */
  take(length: number): Column;
}

/** A builder for the column of a metadata key. */
export function buildMetadata(key: MetadataKey): MetadataBuilder {
  switch (key) {
    case 'topic':
      return new PerBatch(kafkaMetadata.topic.type, (split) => split.topic);
    case 'partition':
      return new PerBatch(kafkaMetadata.partition.type, (split) => split.partition);
    case 'leader-epoch':
      return new PerBatch(kafkaMetadata['leader-epoch'].type, (_, batch) =>
        batch.leaderEpoch < 0 ? null : batch.leaderEpoch,
      );
    case 'timestamp-type':
      return new PerBatch(kafkaMetadata['timestamp-type'].type, (_, batch) => timestampType(batch));
    case 'offset':
      return new Longs((offset) => offset);
    case 'timestamp':
      return new Longs((_, timestamp) => timestamp * 1000);
    case 'headers':
      return new Headers(readHeaderMap);
    case 'header-list':
      return new Headers(readHeaderList);
  }
}

function timestampType(batch: BatchHeader): string {
  if (batch.logAppendTime) return 'LogAppendTime';
  return batch.maxTimestamp < 0 ? 'NoTimestampType' : 'CreateTime';
}

/** Storage that doubles; typed arrays do not grow by themselves. */
function grown(dataType: DataType, values: ColumnValues, length: number): ColumnValues {
  if (Array.isArray(values) || length <= values.length) return values;
  const larger = allocate(dataType, Math.max(length, values.length * 2, 1024));
  (larger as Int32Array).set(values as Int32Array);
  return larger;
}

/** A column whose value is the same for all records of a batch. */
class PerBatch implements MetadataBuilder {
  readonly #type: DataType;
  readonly #of: (split: Split, batch: BatchHeader) => string | number | null;
  #value: string | number | null = null;
  #values: ColumnValues;
  #nulls: number[] = [];

  constructor(dataType: DataType, of: (split: Split, batch: BatchHeader) => string | number | null) {
    this.#type = dataType;
    this.#of = of;
    this.#values = allocate(dataType, 0);
  }

  begin(split: Split, batch: BatchHeader): void {
    this.#value = this.#of(split, batch);
  }

  fill(from: number, to: number): void {
    this.#values = grown(this.#type, this.#values, to);
    for (let i = from; i < to; i++) {
      if (this.#value === null) this.#nulls.push(i);
      else this.#values[i] = this.#value;
    }
  }

  take(length: number): Column {
    const values = this.#values;
    this.#values = allocate(this.#type, Array.isArray(values) ? 0 : values.length);
    if (this.#nulls.length === 0) return { values };
    const nulls = new Uint8Array(length);
    for (const i of this.#nulls) nulls[i] = 1;
    this.#nulls = [];
    return { values, nulls };
  }
}

/** A BIGINT or TIMESTAMP_LTZ column of whole numbers below 2^53, written as two halves: no BigInt per record. */
class Longs implements MetadataBuilder {
  readonly #of: (offset: number, timestamp: number) => number;
  #values = new BigInt64Array(0);
  #halves = new Int32Array(0);

  constructor(of: (offset: number, timestamp: number) => number) {
    this.#of = of;
  }

  begin(): void {}

  fill(from: number, to: number, _bytes: Buffer, _headersAt: number, offset: number, timestamp: number): void {
    if (to > this.#values.length) {
      this.#values = grown(kafkaMetadata.offset.type, this.#values, to) as BigInt64Array<ArrayBuffer>;
      this.#halves = new Int32Array(this.#values.buffer);
    }
    const value = this.#of(offset, timestamp);
    const high = Math.floor(value / 4294967296);
    for (let i = from; i < to; i++) {
      this.#halves[2 * i] = value;
      this.#halves[2 * i + 1] = high;
    }
  }

  take(): Column {
    const values = this.#values;
    this.#values = new BigInt64Array(values.length);
    this.#halves = new Int32Array(this.#values.buffer);
    return { values };
  }
}

class Headers implements MetadataBuilder {
  readonly #read: (bytes: Buffer, at: number) => unknown;
  #values: unknown[] = [];

  constructor(read: (bytes: Buffer, at: number) => unknown) {
    this.#read = read;
  }

  begin(): void {}

  fill(from: number, to: number, bytes: Buffer, headersAt: number): void {
    if (from === to) return;
    const value = this.#read(bytes, headersAt);
    for (let i = from; i < to; i++) this.#values[i] = value;
  }

  take(): Column {
    const values = this.#values;
    this.#values = [];
    return { values };
  }
}
