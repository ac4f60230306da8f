import type { RelationField } from '../analyze/relation.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import { type Frame, framesAt, queryFrame } from './clause.ts';
import type { Place, Word } from './place.ts';
import type { SourceFile } from './source-file.ts';

/** A table of the FROM around a place, by the name that its columns may be qualified with. */
export interface TableHere {
  readonly name: string;
  readonly fields: readonly RelationField[];
}

const ends: ReadonlySet<string> = new Set(
  'WHERE GROUP HAVING ORDER LIMIT OFFSET QUALIFY WINDOW UNION INTERSECT EXCEPT ; ON USING'.split(' '),
);
const notAliases: ReadonlySet<string> = new Set([
  ...ends,
  'JOIN',
  'LEFT',
  'RIGHT',
  'FULL',
  'INNER',
  'CROSS',
  'NATURAL',
  'FROM',
  'SELECT',
  'FOR',
  'INSERT',
]);

/** The tables whose columns a place sees: those of the query around it, read from its tokens, whatever is unfinished. */
export function tablesHere(file: SourceFile, place: Place): readonly TableHere[] {
  const all = [...place.before, ...place.after];
  const frame = queryFrame(framesAt(place));
  const range = branchAround(all, frame, place);
  const found: TableHere[] = [];
  for (let i = range.start; i < range.end; i++) {
    const key = all[i]!.token.key;
    if (key === '(') i = skip(all, i) - 1;
    else if (key === 'FROM' || key === 'JOIN') i = readTables(file, place, all, i + 1, range.end, found) - 1;
  }
  return found;
}

/** The names of WITH in the statement, each with the text that defines them up to there. */
export function commonTables(file: SourceFile, place: Place): ReadonlyMap<string, string> {
  const all = [...place.before, ...place.after];
  const start = all.findIndex(({ token }, i) => token.key === 'WITH' && all[i + 2]?.token.key === 'AS');
  const found = new Map<string, string>();
  if (start < 0) return found;
  for (let i = start + 1; all[i + 1]?.token.key === 'AS' && all[i + 2]?.token.key === '('; ) {
    const end = skip(all, i + 2);
    const close = all[end - 1]!.token;
    const with_ = file.text.slice(all[start]!.token.start, close.end);
    found.set(all[i]!.text, `${with_} SELECT * FROM ${file.text.slice(all[i]!.token.start, all[i]!.token.end)}`);
    if (all[end]?.token.key !== ',') return found;
    i = end + 1;
  }
  return found;
}

/** The part of a UNION that the place is in, as indexes of tokens. */
function branchAround(all: readonly Word[], frame: Frame, place: Place): Span {
  const at = place.before.length;
  let start = frame.first;
  for (let i = frame.first; i < all.length; i++) {
    const key = all[i]!.token.key;
    if (key === '(') i = skip(all, i) - 1;
    else if (key === ')') return { start, end: i };
    else if (key === 'UNION' || key === 'INTERSECT' || key === 'EXCEPT') {
      if (i >= at) return { start, end: i };
      start = i + 1;
    }
  }
  return { start, end: all.length };
}

/** The index behind the bracket that closes the one at `i`. */
function skip(all: readonly Word[], i: number): number {
  let depth = 0;
  for (let j = i; j < all.length; j++) {
    if (all[j]!.token.key === '(') depth++;
    else if (all[j]!.token.key === ')' && --depth === 0) return j + 1;
  }
  return all.length;
}

function readTables(
  file: SourceFile,
  place: Place,
  all: readonly Word[],
  start: number,
  end: number,
  found: TableHere[],
): number {
  let i = start;
  for (;;) {
    const first = all[i];
    if (i >= end || first === undefined || notAliases.has(first.token.key)) return i;
    let fields: readonly RelationField[];
    let name: string;
    if (first.token.key === '(') {
      const close = skip(all, i);
      fields = file.columnsOf(file.text.slice(first.token.end, all[close - 1]!.token.start), place.offset);
      name = '';
      i = close;
    } else {
      const parts = [first.text];
      i++;
      while (all[i]?.token.key === '.' && all[i + 1] !== undefined) {
        parts.push(all[i + 1]!.text);
        i += 2;
      }
      if (all[i]?.token.key === '(') i = skip(all, i);
      name = parts.at(-1)!;
      fields = fieldsOfTable(file, place, parts);
    }
    if (all[i]?.token.key === 'AS') i++;
    const alias = all[i];
    if (
      i < end &&
      alias !== undefined &&
      !notAliases.has(alias.token.key) &&
      /^(word|quoted)$/.test(alias.token.kind)
    ) {
      name = alias.text;
      i++;
      if (all[i]?.token.key === '(') {
        const close = skip(all, i);
        const names = all.slice(i + 1, close - 1).filter(({ token }) => token.key !== ',');
        fields = names.map(({ text }, n) => ({ name: text, type: fields[n]?.type }));
        i = close;
      }
    }
    found.push({ name, fields });
    if (all[i]?.token.key !== ',') return i;
    i++;
  }
}

/** The columns of a table, view or common table by its written name. */
export function fieldsOfTable(file: SourceFile, place: Place, parts: readonly string[]): readonly RelationField[] {
  const common = parts.length === 1 ? commonTables(file, place).get(parts[0]!) : undefined;
  if (common !== undefined) return file.columnsOf(common, place.offset);
  const span = place.replaced;
  const name = {
    kind: 'name',
    parts: parts.map((part) => ({ kind: 'identifier', name: part, quoted: false, span }) as const),
    span,
  } as const;
  const object = file.catalogAt(place.offset).find(name);
  if (object === undefined) return [];
  return object.kind === 'view' ? object.relation.fields : object.definition.columns;
}
