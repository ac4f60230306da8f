import { DecodeError } from '../../../engine/connector/errors.ts';
import type { Decoder } from '../../../engine/connector/format.ts';
import type { Column } from '../../../engine/types/batch.ts';
import type { Field, Scalar } from '../../../engine/types/data-type.ts';
import { ColumnBuilder } from '../column-builder.ts';
import type { UnknownFields } from '../unknown-fields.ts';
import { type Conversion, membersOf, type ReadMembers } from './convert.ts';
import { toUtf8 } from './encoding.ts';
import { FastPaths } from './fast-paths.ts';
import { JsonReader } from './reader.ts';

/** Counts what `ignore-parse-errors` passes over. */
export interface Skipped {
  fields(amount: number): void;
  record(): void;
}

/**
 * Decodes JSON objects, one message a row, or arrays of objects, one element a row. Messages whose layout was seen
 * before go through a fast path compiled for it; every other one through the exact reader, with the same result.
 */
export class JsonDecoder implements Decoder {
  length = 0;
  private capacity = 0;
  private readonly builders: readonly ColumnBuilder[];
  private readonly paths: FastPaths;
  private readonly reader = new JsonReader();
  private readonly read: ReadMembers;
  private readonly given: Uint8Array;
  private readonly give: (index: number, value: Scalar) => void;
  private readonly skipped: Skipped | undefined;
  private skippedFields = 0;

  /** `skipped`: what cannot be read is skipped and counted there; absent: it throws. */
  constructor(
    fields: readonly Field[],
    wanted: readonly number[],
    style: Omit<Conversion, 'ignore'>,
    skipped: Skipped | undefined,
    unknown: UnknownFields,
  ) {
    const ignore = () => {
      this.skippedFields++;
    };
    const conversion = { ...style, ignore: skipped === undefined ? undefined : ignore };
    this.builders = wanted.map((i) => new ColumnBuilder(fields[i]!.type));
    this.paths = new FastPaths(fields, wanted, conversion, this.builders, () => this.forgetRow(), unknown);
    this.read = membersOf(fields, wanted, '', conversion);
    this.given = new Uint8Array(wanted.length);
    this.skipped = skipped;
    this.give = (index, value) => {
      this.given[index] = 1;
      this.builders[index]!.set(this.length, value);
    };
  }

  reserve(rows: number): void {
    if (this.length + rows > this.capacity) this.grow(this.length + rows);
  }

  private grow(capacity: number): void {
    for (const builder of this.builders) builder.grow(capacity, this.length);
    this.capacity = capacity;
    this.paths.bind();
  }

  decode(bytes: Buffer, start: number, end: number): void {
    if (this.length === this.capacity) this.grow(Math.max(64, this.capacity * 2));
    if (this.paths.run(bytes, start, end, this.length)) {
      this.length++;
    } else {
      this.exact(bytes, start, end);
    }
    if (this.skippedFields > 0) this.countFields();
  }

  private countFields(): void {
    this.skipped?.fields(this.skippedFields);
    this.skippedFields = 0;
  }

  private exact(bytes: Buffer, start: number, end: number): void {
    if (start === end) return;
    const before = this.length;
    this.forgetRow();
    let plain: boolean;
    try {
      plain = this.message(bytes, start, end);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.forgetRow();
      if (this.skipped === undefined) {
        // Rows of the array before the bad one go too.
        while (this.length > before) {
          this.length--;
          this.forgetRow();
        }
        throw error;
      }
      this.skipped.record();
      return;
    }
    if (plain && this.length === before + 1) this.paths.learn(bytes, start, end);
  }

  /** Whether the message was UTF-8 as it came. */
  private message(bytes: Buffer, start: number, end: number): boolean {
    const { reader } = this;
    const text = toUtf8(bytes, start, end);
    reader.reset(text.bytes, text.start, text.end);
    const first = reader.peek();
    if (first === 0x7b) {
      this.row();
    } else if (first === 0x5b) {
      reader.enter();
      for (let begin = true; reader.more(0x5d, begin); begin = false) this.element();
    } else if (first === -1) {
      throw new DecodeError('the message holds nothing but white space: expected a JSON object');
    } else {
      const kind = reader.kind();
      reader.skipValue();
      throw new DecodeError(
        `expected a JSON object or an array of objects, found a JSON ${kind}`,
        undefined,
        'wrong-type',
      );
    }
    return text.bytes === bytes;
  }

  private element(): void {
    const kind = this.reader.kind();
    if (kind === 'object') {
      this.row();
      return;
    }
    this.reader.skipValue();
    if (kind === 'null') return;
    if (this.skipped === undefined) {
      throw new DecodeError(`expected an array of JSON objects, found a JSON ${kind} in it`, undefined, 'wrong-type');
    }
    this.skipped.record();
  }

  private row(): void {
    if (this.length === this.capacity) this.grow(this.capacity * 2);
    const { given, builders, length } = this;
    given.fill(0);
    const missing = this.read(this.reader, this.give);
    if (missing !== undefined) throw missing;
    for (let i = 0; i < builders.length; i++) if (given[i] === 0) builders[i]!.setNull(length);
    this.length++;
  }

  /** What a row that did not come to be left behind must not stay for the next one. */
  private forgetRow(): void {
    this.skippedFields = 0;
    for (const { nulls } of this.builders) if (nulls !== undefined) nulls[this.length] = 0;
  }

  take(): Column[] {
    this.length = 0;
    this.capacity = 0;
    return this.builders.map((builder) => builder.take());
  }
}
