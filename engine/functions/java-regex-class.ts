import type { Flags } from './java-regex.ts';
import { InvalidPattern, UntranslatablePattern } from './java-regex.ts';

/** A set of characters; `script` is what stands between the brackets of a JavaScript class with the v flag. */
export interface ClassNode {
  readonly script: string;
  readonly negated: boolean;
}

export function classScript({ script, negated }: ClassNode): string {
  return `[${negated ? '^' : ''}${script}]`;
}

/** A character inside of a class or outside: letters, digits and anything above ASCII stand for themselves. */
export function literalScript(c: string): string {
  return /^[a-zA-Z0-9\u0080-\u{10ffff}]$/u.test(c) && !/\p{Surrogate}/u.test(c)
    ? c
    : `\\u{${c.codePointAt(0)!.toString(16)}}`;
}

const SHORTHANDS: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'a-zA-Z0-9_',
  s: ' \\t\\n\\v\\f\\r',
  h: ' \\t\\u{a0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}',
  v: '\\n\\v\\f\\r\\u{85}\\u{2028}\\u{2029}',
};

const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', a: '\x07', e: '\x1b' };

const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\u{0}-\\u{7f}',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '\\u{21}-\\u{2f}\\u{3a}-\\u{40}\\u{5b}-\\u{60}\\u{7b}-\\u{7e}',
  Graph: '\\u{21}-\\u{7e}',
  Print: '\\u{20}-\\u{7e}',
  Blank: ' \\t',
  Cntrl: '\\u{0}-\\u{1f}\\u{7f}',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\v\\f\\r',
  javaLowerCase: '\\p{Lowercase}',
  javaUpperCase: '\\p{Uppercase}',
  javaLetter: '\\p{L}',
  javaDigit: '\\p{Nd}',
  javaLetterOrDigit: '\\p{L}\\p{Nd}',
  L1: '\\u{0}-\\u{ff}',
  all: '\\u{0}-\\u{10ffff}',
};

interface Parsed {
  readonly set: ClassNode;
  readonly end: number;
}

/** `[…]` from behind its bracket on. */
export function parseClass(chars: readonly string[], start: number, flags: Flags): Parsed {
  let position = start;
  const negated = chars[position] === '^';
  if (negated) position++;
  const operands: string[] = [];
  let script = '';
  let first = true;
  const unclosed = () => new InvalidPattern('unclosed character class');
  for (;;) {
    const c = chars[position];
    if (c === undefined) throw unclosed();
    if (c === ']' && !first) {
      position++;
      break;
    }
    first = false;
    if (c === '&' && chars[position + 1] === '&') {
      position += 2;
      operands.push(script);
      script = '';
    } else if (c === '[') {
      const inner = parseClass(chars, position + 1, flags);
      script += classScript(inner.set);
      position = inner.end;
    } else if (flags.comments && /[ \t\n\v\f\r]/.test(c)) {
      position++;
    } else {
      const item = classItem(chars, position, flags);
      script += item.script;
      position = item.end;
    }
  }
  if (operands.length === 0) return { set: { script, negated }, end: position };
  operands.push(script);
  const written = operands.filter((operand) => operand !== '');
  return { set: { script: written.map((operand) => `[${operand}]`).join('&&'), negated }, end: position };
}

function classItem(chars: readonly string[], start: number, flags: Flags): { script: string; end: number } {
  const low = single(chars, start);
  if (low === undefined) {
    const { set, end } = classItems(chars, start + 1, flags);
    return { script: set.negated ? classScript(set) : set.script, end };
  }
  const next = chars[low.end + 1];
  if (chars[low.end] !== '-' || next === ']' || next === undefined || next === '[') {
    return { script: caseless(low.char, low.char, flags), end: low.end };
  }
  const high = single(chars, low.end + 1);
  if (high === undefined) throw new InvalidPattern('illegal character range');
  if (high.char.codePointAt(0)! < low.char.codePointAt(0)!) throw new InvalidPattern('illegal character range');
  return { script: caseless(low.char, high.char, flags), end: high.end };
}

/** A range and, with (?i), the ASCII letters in it in the other case. */
function caseless(low: string, high: string, flags: Flags): string {
  const range = low === high ? literalScript(low) : `${literalScript(low)}-${literalScript(high)}`;
  if (!flags.ignoreCase) return range;
  let script = range;
  for (const [a, z, shift] of [
    [65, 90, 32],
    [97, 122, -32],
  ] as const) {
    const from = Math.max(a, low.codePointAt(0)!);
    const to = Math.min(z, high.codePointAt(0)!);
    if (from <= to) script += `${String.fromCharCode(from + shift)}-${String.fromCharCode(to + shift)}`;
  }
  return script;
}

/** One character at a position, escapes included; undefined for an escape that stands for a set. */
function single(chars: readonly string[], start: number): { char: string; end: number } | undefined {
  const c = chars[start]!;
  if (c !== '\\') return { char: c, end: start + 1 };
  const escaped = escapedCharacter(chars, start + 1);
  return escaped && { char: escaped.char, end: escaped.end };
}

/** What an escape behind its backslash stands for, as a set. */
export function classItems(chars: readonly string[], start: number, flags: Flags): Parsed {
  const c = chars[start];
  if (c === undefined) throw new InvalidPattern('the pattern ends with a backslash');
  const shorthand = SHORTHANDS[c.toLowerCase()];
  if (shorthand !== undefined) return { set: { script: shorthand, negated: c !== c.toLowerCase() }, end: start + 1 };
  if (c === 'p' || c === 'P') {
    let end = start + 2;
    let name = chars[start + 1] ?? '';
    if (name === '{') {
      const close = chars.indexOf('}', start);
      if (close < 0) throw new InvalidPattern('unclosed character family');
      name = chars.slice(start + 2, close).join('');
      end = close + 1;
    }
    return { set: { script: propertyClass(name, flags), negated: c === 'P' }, end };
  }
  const escaped = escapedCharacter(chars, start);
  if (escaped === undefined) throw new InvalidPattern(`illegal escape '\\${c}'`);
  return { set: { script: caseless(escaped.char, escaped.char, flags), negated: false }, end: escaped.end };
}

/** The character of an escape behind its backslash; undefined where it stands for a set or an assertion. */
function escapedCharacter(chars: readonly string[], start: number): { char: string; end: number } | undefined {
  const c = chars[start];
  if (c === undefined) throw new InvalidPattern('the pattern ends with a backslash');
  const control = CONTROLS[c];
  if (control !== undefined) return { char: control, end: start + 1 };
  const rest = chars.slice(start, start + 14).join('');
  const hex = /^(?:x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4}))/.exec(rest);
  if (hex !== null) {
    const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16);
    if (code > 0x10ffff) throw new InvalidPattern('hexadecimal codepoint is too big');
    return { char: String.fromCodePoint(code), end: start + hex[0].length };
  }
  const octal = /^0([0-3][0-7]{2}|[0-7]{1,2})/.exec(rest);
  if (octal !== null) return { char: String.fromCharCode(Number.parseInt(octal[1]!, 8)), end: start + octal[0].length };
  if (c === 'c' && chars[start + 1] !== undefined) {
    return { char: String.fromCharCode(chars[start + 1]!.charCodeAt(0) ^ 64), end: start + 2 };
  }
  if (/[a-zA-Z]/.test(c)) {
    if (!/[dDwWsShHvVpP]/.test(c)) throw new InvalidPattern(`illegal escape '\\${c}'`);
    return undefined;
  }
  return { char: c, end: start + 1 };
}

/** `\p{name}`: POSIX and java names, categories, scripts and binary properties. */
export function propertyClass(name: string, flags: Flags): string {
  const posix = POSIX[name];
  if (posix !== undefined) {
    return flags.ignoreCase && (name === 'Lower' || name === 'Upper') ? 'a-zA-Z' : posix;
  }
  const [key, value] = name.includes('=') ? name.split('=', 2) : ['', name];
  const candidates =
    key === '' || key === 'Is'
      ? [value!, value!.replace(/^Is/, ''), `Script=${value!.replace(/^Is/, '')}`]
      : [key === 'IsScript' || key === 'script' || key === 'sc' ? `Script=${value}` : `General_Category=${value}`];
  for (const candidate of candidates) {
    const script = `\\p{${candidate}}`;
    if (isKnown(script)) return script;
  }
  if (/^In|^blk=|^block=|^java/.test(name)) throw new UntranslatablePattern(`\\p{${name}} is not supported`);
  throw new InvalidPattern(`unknown character property name {${name}}`);
}

function isKnown(script: string): boolean {
  try {
    new RegExp(`[${script}]`, 'v');
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
