import type { Span } from './diagnostic.ts';

/** Where the lines of a text begin. A line ends at `\n` or `\r\n`; a byte order mark is before the first line. */
export interface LineIndex {
  readonly text: string;
  readonly starts: readonly number[];
}

/** A place as people count it: line and column from 1, the column in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export function indexLines(text: string): LineIndex {
  const starts = [text.charCodeAt(0) === 0xfeff ? 1 : 0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return { text, starts };
}

/** The place of `offset`, which may be the end of the text. */
export function positionAt({ starts }: LineIndex, offset: number): Position {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: Math.max(0, offset - starts[low]!) + 1 };
}

/** The span of a line without its line break; `line` counts from 1. */
export function lineSpan({ text, starts }: LineIndex, line: number): Span {
  const start = starts[line - 1]!;
  let end = line < starts.length ? starts[line]! - 1 : text.length;
  if (end > start && text[end - 1] === '\r') end--;
  return { start, end };
}

/** Both ends of a span; `endLine` and `endColumn` are behind its last character. */
export interface Place extends Position {
  readonly endLine: number;
  readonly endColumn: number;
}

export function placeOf(index: LineIndex, span: Span): Place {
  const end = positionAt(index, span.end);
  return { ...positionAt(index, span.start), endLine: end.line, endColumn: end.column };
}
