import type { Span } from '../diagnostics/diagnostic.ts';

/**
 * How a string literal is written: `plain` `'…'` · `unicode` `U&'…'` · `escaped` `E'…'` · `charset` `_UTF8'…'` and
 * `N'…'` · `binary` `X'…'`.
 */
export type StringForm = 'plain' | 'unicode' | 'escaped' | 'charset' | 'binary';

/** The parts of a string literal: what stands before the quote, and the place between the quotes. */
export interface StringParts {
  readonly form: StringForm;
  readonly prefix: string;
  readonly content: Span;
}

/** Takes the string literal at `span` of `text` apart. */
export function stringParts(text: string, span: Span): StringParts {
  const quote = text[span.start] === '‘' ? span.start : text.indexOf("'", span.start);
  const prefix = quote < span.end && quote > span.start ? text.slice(span.start, quote) : '';
  const content = { start: Math.min(quote, span.end - 2) + 1, end: span.end - 1 };
  switch (prefix.toUpperCase()) {
    case '':
      return { form: 'plain', prefix, content: { start: span.start + 1, end: span.end - 1 } };
    case 'U&':
      return { form: 'unicode', prefix, content };
    case 'E':
      return { form: 'escaped', prefix, content };
    case 'X':
      return { form: 'binary', prefix, content };
    default:
      return { form: 'charset', prefix, content };
  }
}

/** The value of `source`, a piece from between the quotes of a literal. `escapeCharacter` is the character of `UESCAPE`. */
export function decodeString(source: string, form: StringForm, escapeCharacter = '\\'): string {
  const text = source.includes("''") ? source.replaceAll("''", "'") : source;
  if (form === 'unicode' && text.includes(escapeCharacter)) return decodeUnicode(text, escapeCharacter);
  if (form === 'escaped' && text.includes('\\')) return decodeEscapes(text);
  return text;
}

/** `value` as it must be written between the quotes of a literal of this form. */
export function encodeString(value: string, form: StringForm): string {
  const quoted = value.replaceAll("'", "''");
  return form === 'unicode' || form === 'escaped' ? quoted.replaceAll('\\', '\\\\') : quoted;
}

function decodeUnicode(text: string, escapeCharacter: string): string {
  let value = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== escapeCharacter) value += text[i];
    else if (text[i + 1] === escapeCharacter) value += text[++i];
    else if (/^[0-9a-f]{4}$/i.test(text.slice(i + 1, i + 5))) {
      value += String.fromCharCode(Number.parseInt(text.slice(i + 1, i + 5), 16));
      i += 4;
    } else value += text[i];
  }
  return value;
}

const letters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function decodeEscapes(text: string): string {
  return text.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-f]{1,2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([\s\S]))/gi,
    (whole, octal, byte, short, long, other) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      const hex = byte ?? short ?? long;
      if (hex !== undefined) {
        const point = Number.parseInt(hex, 16);
        return point > 0x10ffff ? whole : String.fromCodePoint(point);
      }
      return letters[other] ?? (other === '\\' || other === "'" ? other : whole);
    },
  );
}
