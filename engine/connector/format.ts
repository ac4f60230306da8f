import type { Column } from '../types/batch.ts';
import type { Field } from '../types/data-type.ts';
import type { Log } from './context.ts';
import type { OptionDeclarations, OptionValues } from './options.ts';

/**
 * Turns messages into columns. One decoder serves one reader; it appends rows to builders of its own until `take`.
 */
export interface Decoder {
  /** Rows appended since the last `take`. */
  readonly length: number;
  /** Makes room for about `rows` further rows. */
  reserve(rows: number): void;
  /**
   * Decodes the message in `bytes[start, end)` and appends its rows: usually one, none where the format skips it.
   * The bytes may be overwritten after the call: nothing may point into them.
   * Throws `DecodeError` and leaves `length` unchanged where the message cannot be read.
   */
  decode(bytes: Buffer, start: number, end: number): void;
  /** Appends what a message without bytes gives (a NULL in Kafka); absent where it gives no row. */
  decodeNull?(): void;
  /**
   * Whether the line in `bytes[start, end)` of a file is not yet a whole record: the next line belongs to it. Absent:
   * every line is one.
   */
  continues?(bytes: Buffer, start: number, end: number): boolean;
  /** The columns of all appended rows, in the order of the fields that were asked for; starts anew. */
  take(): Column[];
}

/** Turns rows into messages. */
export interface Encoder {
  /** Whether row i is a message without bytes (a NULL in Kafka); absent: no row is. */
  isNull?(columns: readonly Column[], i: number): boolean;
  /** The message of row i; throws `RowError` where a value has no text in the format. */
  encode(columns: readonly Column[], i: number): Buffer;
}

export interface FormatContext {
  readonly timeZone: string;
  /**
   * Whether messages are lines of files, where Flink's formats see the wanted columns only: one that nobody wants is
   * never missing. False if absent.
   */
  readonly files?: boolean;
  /** The source or sink, and where it says what its messages tell: 'fields_unknown'. */
  readonly id?: string;
  readonly log?: Pick<Log, 'info' | 'warn'>;
  /** Counts fields and rows that were skipped. */
  readonly counters: { add(name: string, amount: number): void };
}

/**
 * A format as a declared value. Option keys are given without the format's name: 'ignore-parse-errors' is written
 * `'json.ignore-parse-errors'` in a table (with `key.` or `value.` in front where key and value have formats).
 */
export interface Format<D extends OptionDeclarations = OptionDeclarations> {
  readonly name: string;
  readonly doc: string;
  readonly options: D;
  /** A sentence for the user where the fields do not fit the format (e.g. raw with two columns). */
  check?(fields: readonly Field[], options: OptionValues<D>, role: 'source' | 'sink'): string | undefined;
  /**
   * `fields`: the columns of the message as declared; `wanted`: indexes into `fields` of those to produce, in order.
   */
  createDecoder?(
    fields: readonly Field[],
    wanted: readonly number[],
    options: OptionValues<D>,
    context: FormatContext,
  ): Decoder;
  createEncoder?(fields: readonly Field[], options: OptionValues<D>, context: FormatContext): Encoder;
}

export function defineFormat<const D extends OptionDeclarations>(format: Format<D>): Format<D> {
  return format;
}
