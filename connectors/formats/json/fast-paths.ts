import { DecodeError } from '../../../engine/connector/errors.ts';
import type { DataType, Field } from '../../../engine/types/data-type.ts';
import type { ColumnBuilder } from '../column-builder.ts';
import type { UnknownFields } from '../unknown-fields.ts';
import { type Conversion, type Convert, converter } from './convert.ts';
import { compileFastPath, type Exact, type FastPath } from './fast-path.ts';
import { layoutKey, layoutOf } from './layout.ts';
import { JsonReader } from './reader.ts';

/** So many layouts at a time have a fast path. */
const MAX_PATHS = 8;

/** Longer messages take the exact path: it minds the limits on lengths. */
const MAX_BYTES = 1 << 20;

/** The fast paths of one decoder: learns the layouts of its messages as they come. */
export class FastPaths {
  private readonly fields: readonly Field[];
  private readonly wanted: readonly number[];
  private readonly types: readonly DataType[];
  private readonly conversion: Conversion;
  private readonly builders: readonly ColumnBuilder[];
  private readonly forgetRow: () => void;
  private readonly unknown: UnknownFields;
  private readonly exact: Exact;

  /** The one that fitted last comes first. */
  private paths: FastPath[] = [];
  private known = new Set<string>();
  private seenOnce = new Set<string>();
  private misses = 0;
  private nextCompilation = 1;

  private bytes: Buffer | undefined;
  /** All of the memory that `bytes` is a part of: comparing four bytes at a time may look beyond a message's end. */
  private whole: Buffer = Buffer.alloc(0);
  private view = new DataView(new ArrayBuffer(0));
  private offset = 0;

  /**
   * `forgetRow` undoes what an attempt that failed left in the row after the last. `unknown` is told the names in layouts
   * that are new, which costs nothing where all messages have the same.
   */
  constructor(
    fields: readonly Field[],
    wanted: readonly number[],
    conversion: Conversion,
    builders: readonly ColumnBuilder[],
    forgetRow: () => void,
    unknown: UnknownFields,
  ) {
    this.forgetRow = forgetRow;
    this.unknown = unknown;
    this.fields = fields;
    this.wanted = wanted;
    this.types = wanted.map((i) => fields[i]!.type);
    this.conversion = conversion;
    this.builders = builders;
    const converts = wanted.map((i) => converter(fields[i]!.type, fields[i]!.name, conversion));
    this.exact = this.exactValues(converts);
  }

  private exactValues(converts: readonly Convert[]): Exact {
    const reader = new JsonReader();
    const attempt = (at: number, end: number, read: () => void): number => {
      if (at >= end) return 0;
      reader.reset(this.whole, at, end, 1);
      try {
        read();
      } catch (error) {
        if (error instanceof DecodeError) return 0;
        throw error;
      }
      return reader.pos;
    };
    return {
      value: (column, at, end, i) => attempt(at, end, () => this.builders[column]!.set(i, converts[column]!(reader))),
      skip: (at, end) => attempt(at, end, () => reader.skipValue()),
    };
  }

  /** To be called whenever the builders' arrays changed. */
  bind(): void {
    for (const path of this.paths) path.bind(this.builders);
  }

  /** Whether a fast path wrote the message into row i; where not, the row holds anything. */
  run(bytes: Buffer, start: number, end: number, i: number): boolean {
    const { paths } = this;
    if (paths.length === 0 || end - start > MAX_BYTES) return false;
    if (bytes !== this.bytes) this.attach(bytes);
    const from = this.offset + start;
    const to = this.offset + end;
    try {
      if (paths[0]!.run(this.whole, this.view, from, to, i)) return true;
      for (let k = 1; k < paths.length; k++) {
        this.forgetRow();
        const path = paths[k]!;
        if (!path.run(this.whole, this.view, from, to, i)) continue;
        paths[k] = paths[0]!;
        paths[0] = path;
        return true;
      }
    } catch (error) {
      // The message ends where its buffer ends and a comparison looked beyond.
      if (!(error instanceof RangeError)) throw error;
    }
    return false;
  }

  private attach(bytes: Buffer): void {
    const { buffer } = bytes;
    this.bytes = bytes;
    this.offset = bytes.byteOffset;
    if (buffer === this.view.buffer) return;
    this.whole = Buffer.from(buffer as ArrayBuffer);
    this.view = new DataView(buffer as ArrayBuffer);
  }

  /**
   * Takes note of a message that was read by the exact path. A layout that comes twice gets a fast path; the more
   * there have been, the more messages must miss before the next, so that endless variety compiles little.
   */
  learn(bytes: Buffer, start: number, end: number): void {
    if (++this.misses < this.nextCompilation || end - start > MAX_BYTES) return;
    const layout = layoutOf(this.fields, this.wanted, this.conversion.failOnMissingField, bytes, start, end);
    if (layout === undefined) {
      this.nextCompilation = this.misses + 16;
      return;
    }
    this.unknown.notice(layout.unwanted);
    const key = layoutKey(layout);
    if (this.known.has(key)) return;
    if (!this.seenOnce.has(key)) {
      if (this.seenOnce.size >= 64) this.seenOnce.clear();
      this.seenOnce.add(key);
      return;
    }
    this.seenOnce.delete(key);
    if (this.paths.length === MAX_PATHS) {
      this.paths.length = 0;
      this.known.clear();
    }
    this.known.add(key);
    const path = compileFastPath(layout, this.types, this.conversion.standard, this.exact);
    path.bind(this.builders);
    this.paths.unshift(path);
    this.nextCompilation = this.misses < 16 ? this.misses + 1 : Math.ceil(this.misses * 1.5);
  }
}
