/** A piece of a date pattern: a run of one letter, or text as it is. */
export type Piece =
  | { readonly kind: 'letters'; readonly letter: string; readonly count: number }
  /** `quoted`: no bracket or sign in it means anything. */
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean };

export const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** From Monday. */
export const DAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

/**
 * A pattern of Java's date formatters taken apart: runs of letters, quoted text ('' is a quote), anything else as it
 * is. Undefined where a quote is not closed.
 */
export function splitPattern(pattern: string): Piece[] | undefined {
  const pieces: Piece[] = [];
  let text = '';
  const flush = (quoted = false) => {
    if (text !== '') pieces.push({ kind: 'text', text, quoted });
    text = '';
  };
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (/[a-zA-Z]/.test(c)) {
      flush();
      let count = 1;
      while (pattern[i + 1] === c) {
        count++;
        i++;
      }
      pieces.push({ kind: 'letters', letter: c, count });
    } else if (c !== "'") text += c;
    else if (pattern[i + 1] === "'") {
      text += "'";
      i++;
    } else {
      let closed = false;
      flush();
      for (i++; i < pattern.length; i++) {
        if (pattern[i] !== "'") text += pattern[i];
        else if (pattern[i + 1] === "'") {
          text += "'";
          i++;
        } else {
          closed = true;
          break;
        }
      }
      if (!closed) return undefined;
      flush(true);
    }
  }
  flush();
  return pieces;
}

/** Week of a year and of a month as in the United States: weeks begin on Sunday, the first has a day of the year. */
export interface UsWeek {
  readonly year: number;
  readonly week: number;
  readonly weekOfMonth: number;
}
