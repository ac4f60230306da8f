import { DecodeError } from '../../../engine/connector/errors.ts';
import type { CsvDialect } from './dialect.ts';

/**
 * The cells of the first record in a text, quotes and escapes undone; undefined where it is a comment or, with
 * comments allowed, blank. A cell is quoted where its very first character is the quote; blanks may follow the closing
 * one. Line ends inside quotes belong to the cell.
 */
export function readCells(text: string, dialect: CsvDialect): string[] | undefined {
  let pos = 0;
  if (dialect.comments) {
    const line = /^(?:[\t ]*(?:#[^\r\n]*)?(?:[\r\n]|$))+/.exec(text);
    if (line !== null) pos = line[0].length;
    if (pos === text.length) return undefined;
  }
  const { separator, quote, escaper } = dialect;
  const cells: string[] = [];
  for (;;) {
    let cell = '';
    if (quote !== undefined && text[pos] === quote) {
      const start = pos++;
      for (;;) {
        const c = text[pos];
        if (c === undefined) throw new DecodeError(`the quote that opens at character ${start + 1} is never closed`);
        if (c === quote) {
          if (text[pos + 1] !== quote) break;
          cell += quote;
          pos += 2;
        } else if (c === escaper) {
          cell += unescaped(text[pos + 1]);
          pos += 2;
        } else {
          cell += c;
          pos++;
        }
      }
      pos++;
      while (text[pos] === ' ' || (text[pos] === '\t' && separator !== '\t')) pos++;
      if (!ends(text[pos], separator)) {
        throw new DecodeError(
          `expected '${separator}' after the closing quote, found '${text[pos]}' at character ${pos + 1}`,
        );
      }
    } else {
      const start = pos;
      while (!ends(text[pos], separator) && text[pos] !== escaper) pos++;
      cell = text.slice(start, pos);
      while (!ends(text[pos], separator)) {
        if (text[pos] === escaper) cell += unescaped(text[++pos]);
        else cell += text[pos];
        pos++;
      }
    }
    cells.push(cell);
    if (text[pos] !== separator) return cells;
    pos++;
  }
}

function ends(c: string | undefined, separator: string): boolean {
  return c === undefined || c === separator || c === '\n' || c === '\r';
}

const escapes: Readonly<Record<string, string>> = { '0': '\0', n: '\n', r: '\r', t: '\t' };

function unescaped(c: string | undefined): string {
  if (c === undefined) throw new DecodeError('the text ends after the escape character');
  return escapes[c] ?? c;
}

/** Whether a line ends inside quotes, so that the record goes on in the next one. */
export function endsInsideQuotes(text: string, dialect: CsvDialect): boolean {
  const { separator, quote, escaper } = dialect;
  if (quote === undefined || !text.includes(quote)) return false;
  if (dialect.comments && /^[\t ]*#/.test(text)) return false;
  let inside = false;
  let start = true;
  for (let pos = 0; pos < text.length; pos++) {
    const c = text[pos]!;
    if (c === escaper) pos++;
    else if (inside && c === quote) {
      if (text[pos + 1] === quote) pos++;
      else inside = false;
    } else if (!inside && c === quote && start) inside = true;
    start = !inside && c === separator;
  }
  return inside;
}
