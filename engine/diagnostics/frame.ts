import type { Span } from './diagnostic.ts';
import { display } from './display.ts';
import { type LineIndex, lineSpan, positionAt } from './line-index.ts';

/** Columns of code that are shown of a line. */
const MAX_WIDTH = 120;
/** Columns that stay visible in front of the place when a line is cut. */
const CONTEXT = 30;

/** A line of the file as shown, with the columns `[start, end)` to mark. */
export interface Row {
  readonly line: number;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Lines between the row before and this one are left out. */
  readonly skipped: boolean;
}

export interface Frame {
  readonly rows: readonly Row[];
}

/** The first and the last line of a span, with what to mark in each. */
export function frameOf(index: LineIndex, span: Span): Frame {
  const first = positionAt(index, span.start).line;
  const last = positionAt(index, Math.max(span.start, span.end - 1)).line;
  const rows = [rowOf(index, first, span, false)];
  if (last > first) rows.push(rowOf(index, last, span, last > first + 1));
  return { rows };
}

function rowOf(index: LineIndex, line: number, span: Span, skipped: boolean): Row {
  const { start, end } = lineSpan(index, line);
  const text = index.text.slice(start, end);
  const indent = /^\s*/.exec(text)![0].length;
  const from = Math.min(span.start >= start ? span.start - start : indent, text.length);
  const to = Math.max(from, Math.min(span.end - start, text.length));
  const excerpt = cut(text, from, to);
  return { line, skipped, ...excerpt };
}

/** One line of a suggestion, cut around the unit `at`. */
export function shownLine(text: string, at: number): string {
  const from = Math.min(at, text.length);
  return cut(text, from, from).text;
}

interface Excerpt {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A line as shown, cut to the width around the units `[from, to)`, with the columns of these. */
function cut(line: string, from: number, to: number): Excerpt {
  const near = nearby(line, from);
  const { text, columns } = display(line.slice(near.start, near.end));
  const width = columns.at(-1)!;
  const column = columns[from - near.start]!;
  const endColumn = columns[Math.min(to, near.end) - near.start]!;
  const cutLeft = near.start > 0 || (width > MAX_WIDTH && column > MAX_WIDTH - CONTEXT);
  const left = cutLeft
    ? Math.max(0, near.end < line.length ? column - CONTEXT : Math.min(column - CONTEXT, width - MAX_WIDTH))
    : 0;
  const cutRight = near.end < line.length || width > left + MAX_WIDTH;
  const shown = columnsOf(text, cutLeft ? left + 1 : left, left + MAX_WIDTH - (cutRight ? 1 : 0));
  const start = column - left;
  return {
    text: `${cutLeft ? '…' : ''}${shown}${cutRight ? '…' : ''}`,
    start,
    end: Math.max(start + 1, Math.min(endColumn - left, MAX_WIDTH)),
  };
}

/** The units of a line that can matter for what is shown around `at`: lines may be megabytes long. */
function nearby(line: string, at: number): Span {
  const reach = 4 * MAX_WIDTH;
  if (line.length <= 2 * reach) return { start: 0, end: line.length };
  return {
    start: wholeCharacter(line, Math.max(0, at - reach)),
    end: wholeCharacter(line, Math.min(line.length, at + reach)),
  };
}

/** Moves an offset out of the middle of a surrogate pair. */
function wholeCharacter(text: string, offset: number): number {
  const code = text.charCodeAt(offset);
  return code >= 0xdc00 && code <= 0xdfff ? offset - 1 : offset;
}

/** The part of a shown text between two columns; a wide character that is cut becomes a blank. */
function columnsOf(text: string, left: number, right: number): string {
  let part = '';
  let column = 0;
  for (const character of text) {
    const size = display(character).columns.at(-1)!;
    if (column >= left && column + size <= right) part += character;
    else if (column < right && column + size > left) part += ' ';
    column += size;
    if (column >= right) break;
  }
  return part;
}
