/**
 * What is printed before it is known where lines end. A `group` stands on one line where it fits and has no line break
 * that must be; otherwise each of its own `line`s begins a new one. Documents are built by the functions below.
 */
export type Doc = Text | Line | Blank | Pad | Above | Behind | Concat | Group | Indent;

/** What every document says about itself, so that groups know whether they must break. */
interface Breaks {
  /** Has a line break, other than at its very beginning or end, that must be. */
  readonly hard: boolean;
  /** Begins with comments on lines of their own. */
  readonly head: boolean;
  /** Ends with a comment that goes up to the end of its line. */
  readonly tail: boolean;
}

interface Text extends Breaks {
  readonly kind: 'text';
  readonly text: string;
}

/** `flat` is what stands there when the group does not break. */
interface Line extends Breaks {
  readonly kind: 'line';
  readonly flat: string;
  readonly forced: boolean;
}

/** An empty line, where its group breaks; a line follows. */
interface Blank extends Breaks {
  readonly kind: 'blank';
}

/** Blanks where its group breaks, else one. */
interface Pad extends Breaks {
  readonly kind: 'pad';
  readonly width: number;
}

/** Comments on lines of their own; an empty string is an empty line. */
interface Above extends Breaks {
  readonly kind: 'above';
  readonly lines: readonly string[];
}

/** A comment up to the end of the line. */
interface Behind extends Breaks {
  readonly kind: 'behind';
  readonly text: string;
}

interface Concat extends Breaks {
  readonly kind: 'concat';
  readonly parts: readonly Doc[];
}

interface Group extends Breaks {
  readonly kind: 'group';
  readonly doc: Doc;
  readonly broken: boolean;
}

interface Indent extends Breaks {
  readonly kind: 'indent';
  readonly doc: Doc;
}

const free: Breaks = { hard: false, head: false, tail: false };

export const nothing: Doc = { kind: 'concat', parts: [], ...free };
/** A blank or a new line. */
export const line: Doc = { kind: 'line', flat: ' ', forced: false, ...free };
/** Nothing or a new line. */
export const softLine: Doc = { kind: 'line', flat: '', forced: false, ...free };
/** A new line, always. */
export const hardLine: Doc = { kind: 'line', flat: '', forced: true, ...free, hard: true };
export const blank: Doc = { kind: 'blank', ...free };

export function text(value: string): Doc {
  return { kind: 'text', text: value, ...free };
}

export function pad(width: number): Doc {
  return { kind: 'pad', width, ...free };
}

export function above(lines: readonly string[]): Doc {
  return { kind: 'above', lines, ...free, head: true };
}

export function behind(comment: string): Doc {
  return { kind: 'behind', text: comment, ...free, tail: true };
}

export function concat(parts: readonly Doc[]): Doc {
  const full = parts.filter((part) => part.kind !== 'concat' || part.parts.length > 0);
  const last = full.length - 1;
  return {
    kind: 'concat',
    parts: full,
    hard: full.some((part, i) => part.hard || (part.head && i > 0) || (part.tail && i < last)),
    head: full[0]?.head ?? false,
    tail: full[last]?.tail ?? false,
  };
}

/** `broken`: breaks even where it would fit. */
export function group(parts: readonly Doc[], broken = false): Doc {
  const doc = concat(parts);
  return { kind: 'group', doc, broken: broken || doc.hard, hard: broken || doc.hard, head: doc.head, tail: doc.tail };
}

export function indent(parts: readonly Doc[]): Doc {
  const doc = concat(parts);
  return { kind: 'indent', doc, hard: doc.hard, head: doc.head, tail: doc.tail };
}

/** Documents with another one between each two. */
export function join(docs: readonly Doc[], separator: Doc): Doc {
  return concat(docs.flatMap((doc, i) => (i === 0 ? [doc] : [separator, doc])));
}
