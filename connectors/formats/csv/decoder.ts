import { isUtf8 } from 'node:buffer';
import { DecodeError } from '../../../engine/connector/errors.ts';
import type { Decoder } from '../../../engine/connector/format.ts';
import type { Column } from '../../../engine/types/batch.ts';
import type { Field } from '../../../engine/types/data-type.ts';
import { ColumnBuilder } from '../column-builder.ts';
import { endsInsideQuotes, readCells } from './cells.ts';
import type { CsvDialect } from './dialect.ts';
import { cellParser, type ParseCell } from './parse.ts';

/** Counts what `ignore-parse-errors` passes over. */
export interface Skipped {
  fields(amount: number): void;
  record(): void;
}

/** A record is not continued beyond so many bytes: then a quote was forgotten. */
const MAX_RECORD = 1 << 18;

/** Decodes a line of cells as a row, the cells being the columns in their order. */
export class CsvDecoder implements Decoder {
  length = 0;
  private capacity = 0;
  private readonly fields: readonly Field[];
  private readonly wanted: readonly number[];
  private readonly dialect: CsvDialect;
  private readonly builders: readonly ColumnBuilder[];
  private readonly parsers: readonly ParseCell[];
  private readonly skipped: Skipped | undefined;
  private readonly files: boolean;
  private skippedFields = 0;

  /** `files`: the lines come from files, where an empty one is one empty cell. */
  constructor(
    fields: readonly Field[],
    wanted: readonly number[],
    dialect: CsvDialect,
    skipped: Skipped | undefined,
    files: boolean,
  ) {
    this.fields = fields;
    this.wanted = wanted;
    this.dialect = dialect;
    this.skipped = skipped;
    this.files = files;
    this.builders = wanted.map((i) => new ColumnBuilder(fields[i]!.type));
    const ignore = () => {
      this.skippedFields++;
    };
    this.parsers = wanted.map((i) =>
      cellParser(fields[i]!.type, fields[i]!.name, dialect, skipped === undefined ? undefined : ignore),
    );
  }

  reserve(rows: number): void {
    const capacity = this.length + rows;
    if (capacity <= this.capacity) return;
    for (const builder of this.builders) builder.grow(capacity, this.length);
    this.capacity = capacity;
  }

  continues(bytes: Buffer, start: number, end: number): boolean {
    if (end - start > MAX_RECORD) return false;
    return endsInsideQuotes(bytes.toString('utf8', start, end), this.dialect);
  }

  decode(bytes: Buffer, start: number, end: number): void {
    if (this.length === this.capacity) this.reserve(Math.max(64, this.capacity));
    this.skippedFields = 0;
    try {
      this.row(bytes, start, end);
    } catch (error) {
      if (this.skipped === undefined || !(error instanceof DecodeError)) throw error;
      this.skipped.record();
      return;
    }
    if (this.skippedFields > 0) this.skipped?.fields(this.skippedFields);
  }

  private row(bytes: Buffer, start: number, end: number): void {
    if (start === end && !this.files) throw new DecodeError('the message is empty: expected cells');
    if (!isUtf8(bytes.subarray(start, end))) throw new DecodeError('the text is not UTF-8');
    const cells = readCells(bytes.toString('utf8', start, end).replace(/^\ufeff/, ''), this.dialect);
    if (cells === undefined) return;
    this.checkCount(cells);
    for (let i = 0; i < this.builders.length; i++) {
      const cell = cells[this.wanted[i]!];
      this.builders[i]!.set(this.length, cell === undefined ? null : this.parsers[i]!(cell));
    }
    this.length++;
  }

  private checkCount(cells: readonly string[]): void {
    const expected = this.fields.length;
    const found = cells.length;
    const surplus = found > expected && !(found === expected + 1 && cells[expected] === '');
    const pruned = this.files && this.wanted.length < expected;
    const lacking = found < expected && this.skipped === undefined && !pruned;
    if (!surplus && !lacking) return;
    throw new DecodeError(
      `expected ${expected} cell${expected === 1 ? '' : 's'}, found ${found}`,
      undefined,
      lacking ? 'missing-field' : 'malformed',
    );
  }

  take(): Column[] {
    this.length = 0;
    this.capacity = 0;
    return this.builders.map((builder) => builder.take());
  }
}
