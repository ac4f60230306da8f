import type { Span } from '../diagnostics/diagnostic.ts';
import { above, behind, blank, concat, type Doc, group, indent, join, line, nothing, softLine, text } from './doc.ts';
import type { Spelling } from './spelling.ts';
import type { Word } from './tokens.ts';

/** What a statement is laid out from. */
export interface Source {
  readonly words: readonly Word[];
  /** Index of the first word at or behind an offset. */
  readonly indexAt: (offset: number) => number;
  readonly spelling: Spelling;
}

/** A word, a part of the syntax tree, or a pair of brackets with what is inside. */
export interface Unit {
  readonly first: Word;
  readonly last: Word;
  readonly doc: Doc;
  /** Of a word: its `Word.key`. */
  readonly key: string;
  /** Of a pair of brackets. */
  readonly inside?: readonly Unit[];
}

/** A part that has its own layout. */
export interface Part {
  readonly span: Span;
  readonly layout: () => Doc;
}

/** The words of a span, parts and brackets taken together, in order. */
export function unitsOf(source: Source, span: Span, parts: readonly Part[]): Unit[] {
  const { words, indexAt } = source;
  const sorted = [...parts].sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  const end = indexAt(span.end);
  let at = indexAt(span.start);
  let part = 0;
  const read = (closing: string | undefined): Unit[] => {
    const units: Unit[] = [];
    while (at < end && (closing === undefined || words[at]!.key !== closing)) {
      const word = words[at]!;
      while (part < sorted.length && sorted[part]!.span.start < word.start) part++;
      const next = sorted[part];
      if (next !== undefined && next.span.start === word.start && next.span.end > word.start) {
        const last = words[indexAt(next.span.end) - 1]!;
        units.push({ first: word, last, doc: next.layout(), key: '' });
        at = indexAt(next.span.end);
        part++;
        continue;
      }
      at++;
      const close = word.key === '<' && !inType(source.spelling, word) ? undefined : closings[word.key];
      if (close === undefined || !matches(words, at, end, word.key, close)) {
        units.push({ first: word, last: word, doc: wordDoc(source, word), key: word.key });
        continue;
      }
      const inside = read(close);
      const last = words[at++]!;
      units.push({ first: word, last, doc: bracket(source, word, inside, last), key: '', inside });
    }
    return units;
  };
  return read(undefined);
}

const closings: Readonly<Record<string, string>> = { '(': ')', '[': ']', '<': '>' };

/** Whether a bracket closes before `end`. */
function matches(words: readonly Word[], from: number, end: number, open: string, close: string): boolean {
  let depth = 1;
  for (let i = from; i < end; i++) {
    if (words[i]!.key === open) depth++;
    else if (words[i]!.key === close && --depth === 0) return true;
  }
  return false;
}

/** A word with its comments: keywords in upper case, names and literals as they are. */
export function wordDoc({ spelling }: Source, word: Word): Doc {
  const keyword = word.kind === 'word' && word.key !== '' && !spelling.names.has(word.start);
  const written = keyword ? word.text.toUpperCase() : word.text;
  return concat([
    ...(word.above.length === 0 ? [] : [above(word.above)]),
    text([...word.before, written].join(' ')),
    ...word.behind.map(behind),
  ]);
}

/** The blank, or nothing, between two neighbours. */
export function gap({ spelling }: Source, before: Word, after: Word): Doc {
  const tight =
    after.before.length === 0 &&
    (/^[,;)\].]$/.test(after.key) ||
      /^[([.]$/.test(before.key) ||
      after.key === '[' ||
      (after.key === '(' && spelling.callees.has(before.start)) ||
      (spelling.signs.has(before.start) && !/^[+-]/.test(after.text)) ||
      (/^[<>]/.test(after.key) && inType(spelling, after)));
  return tight ? nothing : text(' ');
}

function inType({ types }: Spelling, { start }: Word): boolean {
  return types.some((type) => type.start < start && start < type.end);
}

/** Units side by side; `between` may put something else than a blank between two. */
export function row(
  source: Source,
  units: readonly Unit[],
  between?: (after: Unit, index: number) => Doc | undefined,
): Doc {
  return concat(
    units.flatMap((unit, i) => {
      if (i === 0) return [unit.doc];
      return [between?.(unit, i) ?? gap(source, units[i - 1]!.last, unit.first), unit.doc];
    }),
  );
}

/** The units between commas, each list with its comma at the end. */
export function splitAtCommas(units: readonly Unit[]): Unit[][] {
  const items: Unit[][] = [[]];
  for (const [i, unit] of units.entries()) {
    items.at(-1)!.push(unit);
    if (unit.key === ',' && i < units.length - 1) items.push([]);
  }
  return items;
}

/** Items that each stand on a line of their own, where their group breaks; empty lines between them stay. */
export function lines(items: readonly { readonly first: Word; readonly doc: Doc }[]): Doc {
  return concat(items.flatMap(({ first, doc }, i) => (i === 0 ? [doc] : [...(first.blank ? [blank] : []), line, doc])));
}

/** Items of a list, one a line where they do not fit side by side. */
export function bracket(source: Source, open: Word, inside: readonly Unit[], close: Word): Doc {
  if (inside.length === 0 && close.above.length === 0) return concat([wordDoc(source, open), wordDoc(source, close)]);
  const items = splitAtCommas(inside).map((item) => row(source, item));
  return enclose(source, open, join(items, line), close);
}

/** `(`, a content of its own lines, `)`. */
export function enclose(source: Source, open: Word, content: Doc, close: Word, broken = false): Doc {
  // What follows the closing bracket on its line is no reason to break what is inside.
  const inner = [
    wordDoc(source, open),
    indent([softLine, content]),
    softLine,
    wordDoc(source, { ...close, behind: [] }),
  ];
  return concat([group(inner, broken), ...close.behind.map(behind)]);
}
