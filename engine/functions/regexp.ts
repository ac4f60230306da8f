import { isInteger } from '../types/coerce.ts';
import { type } from '../types/data-type.ts';
import { hashOrder, hashText } from '../types/hash-order.ts';
import { compileRegex, type Regex, untranslatable } from './compile-regex.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction, Session } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { bigint, type Signature, signature, text } from './signature.ts';

function first(regex: Regex, value: string): RegExpExecArray | null {
  regex.expression.lastIndex = 0;
  return regex.expression.exec(value);
}

/** matchAll goes on where the last search with the same expression ended. */
function allMatches(regex: Regex, value: string): IterableIterator<RegExpExecArray> {
  regex.expression.lastIndex = 0;
  return value.matchAll(regex.expression);
}

function replaceAll(value: string, pattern: string, replacement: string): string | null {
  const regex = compileRegex(pattern);
  if (regex === null) return null;
  regex.expression.lastIndex = 0;
  return value.replace(regex.expression, () => replacement);
}

function extract(value: string, pattern: string, group = 0n): string | null {
  const regex = compileRegex(pattern);
  if (regex === null || group < 0n || group > regex.groupCount) return null;
  const match = first(regex, value);
  return match && regex.group(match, Number(group));
}

function extractAll(value: string, pattern: string, group = 1n): (string | null)[] | null {
  const regex = compileRegex(pattern);
  if (regex === null || group < 0n || group > regex.groupCount) return null;
  return Array.from(allMatches(regex, value), (match) => regex.group(match, Number(group)));
}

function count(value: string, pattern: string): number | null {
  const regex = compileRegex(pattern);
  if (regex === null) return null;
  let matches = 0;
  for (const _ of allMatches(regex, value)) matches++;
  return matches;
}

function instr(value: string, pattern: string): number | null {
  const regex = compileRegex(pattern);
  if (regex === null) return null;
  return (first(regex, value)?.index ?? -1) + 1;
}

function substr(value: string, pattern: string): string | null {
  const regex = compileRegex(pattern);
  return regex && (first(regex, value)?.[0] ?? null);
}

function matches(value: string, pattern: string): boolean {
  if (pattern === '') return false;
  const regex = compileRegex(pattern);
  return regex !== null && first(regex, value) !== null;
}

/**
 * Java's String.split: `limit` 2 splits once, 0 any number of times and drops empty pieces at the end. Throws
 * `EvaluationError` for a malformed pattern.
 */
function splitAt(value: string, pattern: string, limit: 0 | 2): string[] {
  const regex = compileRegex(pattern);
  if (regex === null) throw new EvaluationError(`'${pattern}' is no regular expression`);
  const pieces: string[] = [];
  let start = 0;
  for (const match of allMatches(regex, value)) {
    const end = match.index + match[0].length;
    // Nothing matched at the very start makes no piece.
    if (end === 0 || (limit === 2 && pieces.length === 1)) continue;
    if (match[0] === '' && match.index === value.length) continue;
    pieces.push(value.slice(start, match.index));
    start = end;
  }
  pieces.push(value.slice(start));
  // Without a match the text itself is the only piece, even an empty one.
  if (limit === 0 && pieces.length > 1) while (pieces.length > 0 && pieces[pieces.length - 1] === '') pieces.pop();
  return pieces;
}

function strToMap(value: string, pairs = ',', keyValue = '='): Map<string, string | null> | null {
  if (value === '') return new Map();
  const entries = new Map<string, string | null>();
  for (const piece of splitAt(value, pairs, 0)) {
    const [key, item] = splitAt(piece, keyValue, 2);
    entries.set(key!, item ?? null);
  }
  return hashOrder(entries, hashText);
}

/** `resolve` that refuses a constant pattern which has no translation, before anything runs. */
function withPattern(name: string, index: number, declared: Signature): ScalarFunction['resolve'] {
  const resolve = signature(name, declared);
  return (args: readonly Argument[], session: Session): ResolvedCall | Mismatch => {
    const pattern = args[index]?.literal;
    const reason = typeof pattern === 'string' ? untranslatable(pattern) : undefined;
    return reason === undefined ? resolve(args, session) : { mismatch: reason, argument: index };
  };
}

const nullableText = { returns: type.string(), nullable: true };
const group = { ...bigint, accepts: isInteger };

export const regexps: readonly ScalarFunction[] = [
  defineFunction({
    name: 'REGEXP',
    family: 'string',
    doc: 'TRUE if a part of the text matches a regular expression; FALSE for an empty or malformed one.',
    syntax: ['REGEXP(s, pattern)'],
    examples: [{ sql: "REGEXP('hello', '^h')", value: 'TRUE' }],
    resolve: withPattern('REGEXP', 1, { parameters: [text, text], returns: type.boolean(false), evaluate: matches }),
  }),
  defineFunction({
    name: 'REGEXP_REPLACE',
    family: 'string',
    doc: 'Every match of a regular expression replaced by a text, which is taken as it is; NULL for a malformed pattern.',
    syntax: ['REGEXP_REPLACE(s, pattern, replacement)'],
    examples: [{ sql: "REGEXP_REPLACE('a1b22', '[0-9]+', '#')", value: 'a#b#' }],
    resolve: (args, session) => {
      const declared = { parameters: [text, text, text], returns: type.string(false), evaluate: replaceAll };
      const call = withPattern('REGEXP_REPLACE', 1, declared)(args, session);
      return 'mismatch' in call ? call : { ...call, mayBeNull: true };
    },
  }),
  defineFunction({
    name: 'REGEXP_EXTRACT',
    family: 'string',
    doc: 'A group (0, the whole) of the first match of a regular expression; NULL where nothing matches.',
    syntax: ['REGEXP_EXTRACT(s, pattern [, group])'],
    examples: [
      { sql: "REGEXP_EXTRACT('key=val', '(\\w+)=(\\w+)', 2)", value: 'val' },
      { sql: "REGEXP_EXTRACT('abc', '[0-9]')", value: null },
    ],
    resolve: withPattern('REGEXP_EXTRACT', 1, {
      parameters: [text, text, group],
      optional: 1,
      ...nullableText,
      evaluate: extract,
    }),
  }),
  defineFunction({
    name: 'REGEXP_EXTRACT_ALL',
    family: 'string',
    doc: 'A group (1) of every match of a regular expression; NULL where the pattern has no such group.',
    syntax: ['REGEXP_EXTRACT_ALL(s, pattern [, group])'],
    examples: [{ sql: "REGEXP_EXTRACT_ALL('a1b22c333', '[a-z]([0-9]+)')", value: '[1, 22, 333]' }],
    resolve: withPattern('REGEXP_EXTRACT_ALL', 1, {
      parameters: [text, text, group],
      optional: 1,
      returns: type.array(type.string()),
      nullable: true,
      bareNull: true,
      evaluate: extractAll,
    }),
  }),
  defineFunction({
    name: 'REGEXP_COUNT',
    family: 'string',
    doc: 'The number of matches of a regular expression; NULL for a malformed one.',
    syntax: ['REGEXP_COUNT(s, pattern)'],
    examples: [{ sql: "REGEXP_COUNT('aaa', 'a')", value: '3' }],
    resolve: withPattern('REGEXP_COUNT', 1, {
      parameters: [text, text],
      returns: type.int(),
      nullable: true,
      bareNull: true,
      evaluate: count,
    }),
  }),
  defineFunction({
    name: 'REGEXP_INSTR',
    family: 'string',
    doc: 'The 1-based position of the first match of a regular expression, 0 without one; NULL for a malformed pattern.',
    syntax: ['REGEXP_INSTR(s, pattern)'],
    examples: [{ sql: "REGEXP_INSTR('abc123', '[0-9]+')", value: '4' }],
    resolve: withPattern('REGEXP_INSTR', 1, {
      parameters: [text, text],
      returns: type.int(),
      nullable: true,
      bareNull: true,
      evaluate: instr,
    }),
  }),
  defineFunction({
    name: 'REGEXP_SUBSTR',
    family: 'string',
    doc: 'The first match of a regular expression; NULL where nothing matches.',
    syntax: ['REGEXP_SUBSTR(s, pattern)'],
    examples: [{ sql: "REGEXP_SUBSTR('abc123def456', '[0-9]+')", value: '123' }],
    resolve: withPattern('REGEXP_SUBSTR', 1, {
      parameters: [text, text],
      ...nullableText,
      bareNull: true,
      evaluate: substr,
    }),
  }),
  defineFunction({
    name: 'STR_TO_MAP',
    family: 'string',
    doc: 'The map behind a text of pairs; both delimiters are regular expressions.',
    syntax: ["STR_TO_MAP(s [, ',', '='])"],
    examples: [{ sql: "STR_TO_MAP('a=1,b=2')", value: '{a=1, b=2}' }],
    resolve: (args, session) => {
      if (args.length === 2) return { mismatch: 'STR_TO_MAP takes 1 or 3 arguments, found 2' };
      return withPattern('STR_TO_MAP', 1, {
        parameters: [text, text, text],
        optional: 2,
        returns: type.map(type.string(), type.string()),
        nullable: true,
        evaluate: strToMap,
      })(args, session);
    },
  }),
];
