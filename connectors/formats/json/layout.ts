import type { Field } from '../../../engine/types/data-type.ts';
import { JsonReader } from './reader.ts';

/** The bytes between two values of a message: keys, punctuation and white space as they stand. */
export interface Layout {
  /** `gaps[i]` stands before value i, the last one ends with the closing brace. */
  readonly gaps: readonly Buffer[];
  /** Index into the wanted columns of each value, -1 where nobody wants it. */
  readonly columns: readonly number[];
  /** Names of the values that nobody wants. */
  readonly unwanted: readonly string[];
  /** Columns of which the message has none: they are NULL. */
  readonly missing: readonly number[];
}

/**
 * The layout of a message that is one object and was read without error; undefined where it is unfit for a fast
 * path: a wanted name occurs twice, a required one is missing, or it has too many members.
 */
export function layoutOf(
  fields: readonly Field[],
  wanted: readonly number[],
  allRequired: boolean,
  bytes: Buffer,
  start: number,
  end: number,
): Layout | undefined {
  const indexes = new Map(wanted.map((field, i) => [fields[field]!.name, i]));
  const reader = new JsonReader();
  reader.reset(bytes, start, end);
  if (reader.peek() !== 0x7b) return undefined;
  reader.enter();
  const gaps: Buffer[] = [];
  const columns: number[] = [];
  const unwanted: string[] = [];
  const seen = new Set<string>();
  let from = start;
  for (let first = true; reader.more(0x7d, first); first = false) {
    const name = reader.name();
    const column = indexes.get(name) ?? -1;
    if (seen.has(name) && (column >= 0 || allRequired)) return undefined;
    seen.add(name);
    reader.peek();
    gaps.push(Buffer.from(bytes.subarray(from, reader.pos)));
    columns.push(column);
    if (column < 0) unwanted.push(name);
    reader.skipValue();
    from = reader.pos;
    if (columns.length > 200) return undefined;
  }
  gaps.push(Buffer.from(bytes.subarray(from, reader.pos)));
  if (allRequired && fields.some((f) => !seen.has(f.name))) return undefined;
  return { gaps, columns, unwanted, missing: wanted.map((_, i) => i).filter((i) => !columns.includes(i)) };
}

/** Two messages of one layout have the same text here. */
export function layoutKey(layout: Layout): string {
  return layout.gaps.map((gap) => gap.toString('latin1')).join('\0');
}
