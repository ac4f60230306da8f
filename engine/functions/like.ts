import { isText } from '../types/coerce.ts';
import { type } from '../types/data-type.ts';
import { compileRegex } from './compile-regex.ts';
import type { Argument, Mismatch, ResolvedCall, ScalarFunction } from './define.ts';
import { defineFunction, EvaluationError } from './define.ts';
import { literalScript } from './java-regex-class.ts';
import { anyNullable, checkCount, untypedNull, wrongType } from './signature.ts';

type Matcher = (value: string) => boolean;

const ANY = '\0any';
const ONE = '\0one';

/** A LIKE pattern as literal characters, ANY and ONE. */
function likeTokens(pattern: string, escapes: string): string[] {
  const mark = escapeCharacter(escapes);
  const chars = Array.from(pattern);
  const tokens: string[] = [];
  for (let i = 0; i < chars.length; i++) {
    const c = chars[i]!;
    if (c === mark) {
      const next = chars[++i];
      if (next !== '%' && next !== '_' && next !== mark) badEscape(pattern, mark);
      tokens.push(next);
    } else tokens.push(c === '%' ? ANY : c === '_' ? ONE : c);
  }
  return tokens;
}

function badEscape(pattern: string, mark: string): never {
  throw new EvaluationError(`in '${pattern}' the escape character '${mark}' stands before none of '%', '_' and itself`);
}

function escapeCharacter(escapes: string): string | undefined {
  const chars = Array.from(escapes);
  if (chars.length > 1) throw new EvaluationError(`ESCAPE takes one character, found '${escapes}'`);
  return chars[0];
}

function compileLike(pattern: string, escapes: string): Matcher {
  const tokens = likeTokens(pattern, escapes);
  const inner = tokens.filter((token, i) => token !== ANY || (i > 0 && i < tokens.length - 1));
  if (!inner.includes(ANY) && !inner.includes(ONE)) {
    const text = inner.join('');
    const open = tokens[0] === ANY;
    const close = tokens.length > 1 && tokens[tokens.length - 1] === ANY;
    if (open && (close || tokens.length === 1)) return (value) => value.includes(text);
    if (open) return (value) => value.endsWith(text);
    return close ? (value) => value.startsWith(text) : (value) => value === text;
  }
  const script = tokens
    // A line end matches no _, as in Flink.
    .map((token) =>
      token === ANY ? '[\\s\\S]*' : token === ONE ? '[^\\n\\r\\u0085\\u2028\\u2029]' : literalScript(token),
    )
    .join('');
  const expression = new RegExp(`^${script}$`, 'v');
  return (value) => expression.test(value);
}

const CLASSES: Readonly<Record<string, string>> = {
  ALPHA: '\\p{Alpha}',
  UPPER: '\\p{Upper}',
  LOWER: '\\p{Lower}',
  DIGIT: '\\d',
  SPACE: ' ',
  WHITESPACE: '\\s',
  ALNUM: '\\p{Alnum}',
};

/** A SIMILAR TO pattern as a Java regular expression. */
function similarPattern(pattern: string, escapes: string): string {
  const mark = escapeCharacter(escapes);
  let result = '';
  let inside = false;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === mark) {
      const next = pattern[++i];
      if (next === undefined || (next !== mark && !'[]()|^-+*_%?{}'.includes(next))) badEscape(pattern, mark);
      result += /[a-zA-Z0-9]/.test(next) ? next : `\\${next}`;
    } else if (inside) {
      const named = /^\[:([a-zA-Z]+):\]/.exec(pattern.slice(i));
      const set = named === null ? undefined : CLASSES[named[1]!.toUpperCase()];
      if (named !== null && set === undefined) throw new EvaluationError(`unknown class ${named[0]} in '${pattern}'`);
      if (named !== null) {
        result += set;
        i += named[0].length - 1;
      } else {
        inside = c !== ']';
        result += c === '\\' || c === '[' ? `\\${c}` : c;
      }
    } else {
      inside = c === '[';
      result += c === '_' ? '.' : c === '%' ? '(?s:.*)' : c === '\\' || c === '$' ? `\\${c}` : c;
    }
  }
  return result;
}

function compileSimilar(pattern: string, escapes: string): Matcher {
  const source = `(?:${similarPattern(pattern, escapes)})\\z`;
  const regex = compileRegex(source);
  if (regex === null) throw new EvaluationError(`'${pattern}' is no pattern of SIMILAR TO`);
  const expression = new RegExp(regex.expression.source, 'vy');
  return (value) => {
    expression.lastIndex = 0;
    return expression.test(value);
  };
}

function memoize(
  compile: (pattern: string, escapes: string) => Matcher,
): (pattern: string, escapes: string) => Matcher {
  const cache = new Map<string, Matcher>();
  return (pattern, escapes) => {
    const key = `${escapes}\0${pattern}`;
    let matcher = cache.get(key);
    if (matcher === undefined) {
      matcher = compile(pattern, escapes);
      if (cache.size >= 500) cache.clear();
      cache.set(key, matcher);
    }
    return matcher;
  };
}

function resolveLike(
  name: string,
  compile: (pattern: string, escapes: string) => Matcher,
  args: readonly Argument[],
): ResolvedCall | Mismatch {
  const wrong = checkCount(name, args.length, 2, 3);
  if (wrong) return wrong;
  for (const [i, argument] of args.entries()) {
    if (argument.type.kind === 'NULL') return untypedNull(i);
    if (!isText(argument.type)) return wrongType(name, 'a string', argument, i);
  }
  const call = {
    type: type.boolean(anyNullable(args)),
    parameters: args.map((argument) => argument.type),
    nulls: 'strict' as const,
  };
  const pattern = args[1]!.literal;
  const escapes = args[2] === undefined ? '' : args[2].literal;
  if (typeof pattern === 'string' && typeof escapes === 'string') {
    let matcher: Matcher;
    try {
      matcher = compile(pattern, escapes);
    } catch (error) {
      // What is wrong with an escape is known before the job runs; a bad regular expression fails it, as in Flink.
      if (error instanceof EvaluationError && name === 'LIKE') return { mismatch: error.message, argument: 1 };
      if (!(error instanceof EvaluationError)) throw error;
      return {
        ...call,
        evaluate: () => {
          throw error;
        },
      };
    }
    return {
      ...call,
      evaluate: (value: string) => matcher(value),
      code: ([value], bind) => `${bind(matcher)}(${value})`,
    };
  }
  const cached = memoize(compile);
  return { ...call, evaluate: (value: string, p: string, e = '') => cached(p, e)(value) };
}

export const likes: readonly ScalarFunction[] = [
  defineFunction({
    name: 'LIKE',
    family: 'comparison',
    doc: 'TRUE if the text fits a pattern of % (any characters) and _ (one); there is no escape character unless given.',
    syntax: ["s LIKE pattern [ESCAPE 'c']"],
    examples: [
      { sql: "'abc' LIKE 'a%'", value: 'TRUE' },
      { sql: "'a%c' LIKE 'a!%c' ESCAPE '!'", value: 'TRUE' },
    ],
    callable: false,
    resolve: (args) => resolveLike('LIKE', compileLike, args),
  }),
  defineFunction({
    name: 'SIMILAR TO',
    family: 'comparison',
    doc: 'TRUE if the text fits a regular expression of SQL: %, _, |, *, +, ?, {}, () and [].',
    syntax: ["s SIMILAR TO pattern [ESCAPE 'c']"],
    examples: [{ sql: "'abc' SIMILAR TO 'a(b|x)c'", value: 'TRUE' }],
    callable: false,
    resolve: (args) => resolveLike('SIMILAR TO', compileSimilar, args),
  }),
];
