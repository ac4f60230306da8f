const TAB_WIDTH = 4;

/** A piece of text as a terminal shows it, with the column at which each UTF-16 unit of the source begins. */
export interface Displayed {
  readonly text: string;
  /** One more than the source has units: the last is the width of all. */
  readonly columns: readonly number[];
}

/** Shows one line: tabs as blanks, control and direction characters as visible signs, wide characters counted twice. */
export function display(line: string): Displayed {
  const columns: number[] = [];
  let text = '';
  let column = 0;
  for (const character of line) {
    for (let i = 0; i < character.length; i++) columns.push(column);
    if (character === '\t') {
      const width = TAB_WIDTH - (column % TAB_WIDTH);
      text += ' '.repeat(width);
      column += width;
    } else {
      const shown = visible(character);
      text += shown;
      column += widthOf(shown.codePointAt(0)!);
    }
  }
  columns.push(column);
  return { text, columns };
}

/** Text for one line of a terminal: nothing in it moves the cursor or changes the direction of writing. */
export function oneLine(text: string): string {
  return [...text].map(visible).join('');
}

function visible(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  if (code < 0xa0 && code > 0x7f) return '\ufffd';
  if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return '\ufffd';
  if ((code >= 0xd800 && code <= 0xdfff) || code === 0x2028 || code === 0x2029) return '\ufffd';
  return character;
}

/** How many columns a character takes: 0 for combining marks, 2 for East Asian wide characters and emoji. */
function widthOf(code: number): number {
  if (code < 0x300) return code === 0xad ? 0 : 1;
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(String.fromCodePoint(code))) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0x303e) ||
    (code >= 0x3041 && code <= 0x4dbf) ||
    (code >= 0x4e00 && code <= 0xa4cf) ||
    (code >= 0xa960 && code <= 0xa97c) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1f64f) ||
    (code >= 0x1f680 && code <= 0x1f6ff) ||
    (code >= 0x1f900 && code <= 0x1f9ff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}
