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
  const from = span.start >= start ? Math.min(span.start - start, text.length) : Math.min(indent, text.length);
  const to = Math.max(from, Math.min(span.end - start, text.length));
  const shown = display(text);
  const cut = cutAt(shown.columns[from]!, shown.columns.at(-1)!);
  const marks = { start: shown.columns[from]! - cut.left, end: shown.columns[to]! - cut.left };
  return {
    line,
    text: cutText(shown.text, shown.columns.at(-1)!, cut),
    start: marks.start,
    end: Math.max(marks.start + 1, Math.min(marks.end, MAX_WIDTH)),
    skipped,
  };
}

/** One line of a suggestion, cut around the unit `at`. */
export function shownLine(text: string, at: number): string {
  const { text: shown, columns } = display(text);
  return cutText(shown, columns.at(-1)!, cutAt(columns[Math.min(at, text.length)]!, columns.at(-1)!));
}

/** How many columns of a long line are left out at its beginning. */
function cutAt(column: number, width: number): { readonly left: number } {
  if (width <= MAX_WIDTH || column < MAX_WIDTH - CONTEXT) return { left: 0 };
  return { left: Math.min(column - CONTEXT, width - MAX_WIDTH) };
}

function cutText(text: string, width: number, { left }: { readonly left: number }): string {
  if (width <= MAX_WIDTH) return text;
  let result = '';
  let column = 0;
  for (const character of text) {
    const size = display(character).columns.at(-1)!;
    if (column >= left && column + size <= left + MAX_WIDTH) {
      if (result === '' && column > left) result += ' '.repeat(column - left);
      result += character;
    }
    column += size;
    if (column >= left + MAX_WIDTH) break;
  }
  if (left > 0) result = `…${result.slice([...result][0]!.length)}`;
  return left + MAX_WIDTH < width ? `${result.slice(0, -1)}…` : result;
}
