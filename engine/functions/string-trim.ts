import { codePointWidth } from '../types/bytes-text.ts';
import type { DataType } from '../types/data-type.ts';
import { type } from '../types/data-type.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction, Session } from './define.ts';
import { defineFunction } from './define.ts';
import { checkCount, type Signature, signature, text } from './signature.ts';

type Side = 'BOTH' | 'LEADING' | 'TRAILING';

/** Strips every leading or trailing character which occurs in `characters`. */
function strip(value: string, characters: string, side: Side): string {
  let start = 0;
  let end = value.length;
  if (side !== 'TRAILING') {
    while (start < end) {
      const width = codePointWidth(value, start);
      if (!characters.includes(value.slice(start, start + width))) break;
      start += width;
    }
  }
  if (side !== 'LEADING') {
    while (end > start) {
      const width = end - start > 1 && codePointWidth(value, end - 2) === 2 ? 2 : 1;
      if (!characters.includes(value.slice(end - width, end))) break;
      end -= width;
    }
  }
  return start === 0 && end === value.length ? value : value.slice(start, end);
}

/** CHAR(n) and VARCHAR(n) to VARCHAR(n). */
export function varying(t: DataType): DataType {
  return t.kind === 'CHAR' ? { ...t, kind: 'VARCHAR' } : t;
}

function resolveTrim(args: readonly Argument[], session: Session): ResolvedCall | Mismatch {
  const returns = (types: readonly DataType[]) => varying(types[types.length - 1]!);
  const side = args[0]?.symbol as Side | undefined;
  if (side === undefined) {
    const wrong = checkCount('TRIM', args.length, 1);
    if (wrong) return wrong;
    return signature('TRIM', { parameters: [text], returns, evaluate: (s: string) => strip(s, ' ', 'BOTH') })(
      args,
      session,
    );
  }
  const call = signature('TRIM', {
    parameters: [text, text],
    returns,
    evaluate: (characters: string, s: string) => strip(s, characters, side),
  })(args.slice(1), session);
  if ('mismatch' in call) {
    return call.argument === undefined ? call : { ...call, argument: call.argument + 1 };
  }
  const evaluate = call.evaluate as (...values: string[]) => string;
  return {
    ...call,
    parameters: [type.null(), ...call.parameters],
    evaluate: (_side: never, characters: string, s: string) => evaluate(characters, s),
  };
}

function sided(
  name: string,
  side: Side,
  returns: Signature['returns'],
  doc: string,
  examples: ScalarFunction['examples'],
) {
  return defineFunction({
    name,
    family: 'string',
    doc,
    syntax: [`${name}(s [, characters])`],
    examples,
    resolve: signature(name, {
      parameters: [text, text],
      optional: 1,
      returns,
      ...(side === 'BOTH' ? { bareNull: true } : {}),
      evaluate: (s: string, characters?: string) => strip(s, characters ?? ' ', side),
    }),
  });
}

export const trims: readonly ScalarFunction[] = [
  defineFunction({
    name: 'TRIM',
    family: 'string',
    doc: 'The text without the given characters at both ends, the start or the end; blanks by default.',
    syntax: ['TRIM([[BOTH | LEADING | TRAILING] [characters] FROM] s)'],
    examples: [
      { sql: "TRIM('  x ')", value: 'x' },
      { sql: "TRIM(BOTH 'x' FROM 'xxaxbxx')", value: 'axb' },
      { sql: "TRIM(TRAILING 'ab' FROM 'xabab')", value: 'x' },
    ],
    resolve: resolveTrim,
  }),
  sided(
    'LTRIM',
    'LEADING',
    ([t]) => varying(t!),
    'The text without the given characters at its start; blanks by default.',
    [{ sql: "LTRIM('xxabc', 'x')", value: 'abc' }],
  ),
  sided(
    'RTRIM',
    'TRAILING',
    ([t]) => varying(t!),
    'The text without the given characters at its end; blanks by default.',
    [{ sql: "RTRIM('abcxyx', 'xy')", value: 'abc' }],
  ),
  sided('BTRIM', 'BOTH', type.string(false), 'The text without the given characters at both ends; blanks by default.', [
    { sql: "BTRIM('xxabcxx', 'x')", value: 'abc' },
  ]),
];
