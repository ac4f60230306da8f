import { DecodeError } from '../../engine/connector/errors.ts';
import type { Decoder } from '../../engine/connector/format.ts';
import { allocate, type Column, type RowBatch, RowKind } from '../../engine/types/batch.ts';
import type { DataType } from '../../engine/types/data-type.ts';
import { KeyDecodeError } from './malformed-record.ts';
import type { MetadataBuilder } from './metadata-columns.ts';
import type { BatchHeader } from './record-batch.ts';
import type { RecordRows } from './record-cursor.ts';
import type { Split } from './split.ts';

/** Rows of a table as they are decoded. */
export interface TableRows extends RecordRows {
  /** All rows appended so far; starts anew. */
  take(): RowBatch;
}

/** Rows that are made of the value alone: nothing stands between the record and its decoder. */
export class ValueRows implements TableRows {
  readonly #value: Decoder;

  constructor(value: Decoder) {
    this.#value = value;
  }

  get length(): number {
    return this.#value.length;
  }

  reserve(records: number): void {
    this.#value.reserve(records);
  }

  begin(): void {}

  append(bytes: Buffer, _keyStart: number, _keyEnd: number, valueStart: number, valueEnd: number): void {
    if (valueStart >= 0) this.#value.decode(bytes, valueStart, valueEnd);
    else this.#value.decodeNull?.();
  }

  take(): RowBatch {
    const length = this.#value.length;
    return { length, columns: this.#value.take() };
  }
}

/**
 * Where a column of the batch comes from: column `index` of the value or key decoder, or of the metadata builders; `key`:
 * that of the key decoder where a record has no value.
 */
export interface ColumnOrigin {
  readonly from: 'value' | 'key' | 'metadata';
  readonly index: number;
  readonly key?: number;
  readonly type: DataType;
}

const NO_VALUE = -1;

/**
 * Rows that also need the key or metadata. Keys and values are decoded apart; where one record gives k keys and
 * v values it becomes k × v rows, as in Flink, so that a NULL key drops the record in most formats. With `upsert` a record
 * without value is a deletion: a row of its key alone.
 */
export class RecordFields implements TableRows {
  readonly #key: Decoder | undefined;
  readonly #value: Decoder;
  readonly #metadata: readonly MetadataBuilder[];
  readonly #origins: readonly ColumnOrigin[];
  readonly #upsert: boolean;
  #length = 0;
  /** Row → row of the decoders, `NO_VALUE` for deletions; absent as long as they are the same. */
  #keyRows: number[] | undefined;
  #valueRows: number[] | undefined;

  constructor(
    key: Decoder | undefined,
    value: Decoder,
    metadata: readonly MetadataBuilder[],
    origins: readonly ColumnOrigin[],
    upsert: boolean,
  ) {
    this.#key = key;
    this.#value = value;
    this.#metadata = metadata;
    this.#origins = origins;
    this.#upsert = upsert;
  }

  get length(): number {
    return this.#length;
  }

  reserve(records: number): void {
    this.#key?.reserve(records);
    this.#value.reserve(records);
  }

  begin(split: Split, header: BatchHeader): void {
    for (const builder of this.#metadata) builder.begin(split, header);
  }

  append(
    bytes: Buffer,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    headersAt: number,
    offset: number,
    timestamp: number,
  ): void {
    const value = this.#value;
    const key = this.#key;
    const valueFrom = value.length;
    const keyFrom = key === undefined ? 0 : key.length;
    const deleted = this.#upsert && valueStart < 0;
    if (valueStart >= 0) value.decode(bytes, valueStart, valueEnd);
    else if (!deleted) value.decodeNull?.();
    const values = deleted ? 1 : value.length - valueFrom;
    const from = this.#length;
    let to = from + values;
    if (key !== undefined) {
      try {
        if (keyStart >= 0) key.decode(bytes, keyStart, keyEnd);
        else key.decodeNull?.();
      } catch (error) {
        // The value's rows are there already and must not be taken for rows of the next record.
        this.#split(from, keyFrom, 0, valueFrom, 0);
        throw error instanceof DecodeError ? new KeyDecodeError(error.message, error.field, error.reason) : error;
      }
      const keys = key.length - keyFrom;
      to = from + keys * values;
      if (this.#keyRows !== undefined || deleted || keys !== 1 || values !== 1)
        this.#split(from, keyFrom, keys, deleted ? NO_VALUE : valueFrom, values);
    }
    this.#length = to;
    for (const builder of this.#metadata) builder.fill(from, to, bytes, headersAt, offset, timestamp);
  }

  /** From here on rows and decoded rows differ: notes which key and which value make up rows from `row` on. */
  #split(row: number, keyFrom: number, keys: number, valueFrom: number, values: number): void {
    if (this.#keyRows === undefined || this.#valueRows === undefined) {
      this.#keyRows = Array.from({ length: row }, (_, i) => i);
      this.#valueRows = Array.from({ length: row }, (_, i) => i);
    }
    for (let v = 0; v < values; v++) {
      for (let k = 0; k < keys; k++) {
        this.#keyRows.push(keyFrom + k);
        this.#valueRows.push(valueFrom + v);
      }
    }
  }

  take(): RowBatch {
    const length = this.#length;
    const values = this.#value.take();
    const keys = this.#key?.take() ?? [];
    const metadata = this.#metadata.map((builder) => builder.take(length));
    const keyRows = this.#keyRows;
    const valueRows = this.#valueRows;
    const deletions = this.#upsert && valueRows?.includes(NO_VALUE) === true ? valueRows : undefined;
    const columns = this.#origins.map(({ from, index, key, type }) => {
      switch (from) {
        case 'value': {
          const column = gather(type, values[index]!, valueRows);
          if (deletions === undefined || key === undefined) return column;
          return orElse(column, gather(type, keys[key]!, keyRows), deletions);
        }
        case 'key':
          return gather(type, keys[index]!, keyRows);
        case 'metadata':
          return metadata[index]!;
        default:
          throw new Error(`no origin '${from satisfies never}'`);
      }
    });
    this.#length = 0;
    this.#keyRows = undefined;
    this.#valueRows = undefined;
    if (deletions === undefined) return { length, columns };
    const kinds = Uint8Array.from(deletions, (row) => (row === NO_VALUE ? RowKind.delete : RowKind.insert));
    return { length, columns, kinds };
  }
}

function gather(type: DataType, column: Column, rows: readonly number[] | undefined): Column {
  if (rows === undefined) return column;
  const values = allocate(type, rows.length) as unknown[];
  let nulls: Uint8Array | undefined;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (row === NO_VALUE || column.nulls?.[row] === 1) {
      nulls ??= new Uint8Array(rows.length);
      nulls[i] = 1;
    } else values[i] = (column.values as unknown[])[row];
  }
  return nulls === undefined ? { values: values as Column['values'] } : { values: values as Column['values'], nulls };
}

/** A column with the values of another one of the same type where rows are deletions. */
function orElse(column: Column, other: Column, rows: readonly number[]): Column {
  const nulls = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] === NO_VALUE ? other : column;
    if (from.nulls?.[i] === 1) nulls[i] = 1;
    else (column.values as unknown[])[i] = from.values[i];
  }
  return { values: column.values, nulls };
}
