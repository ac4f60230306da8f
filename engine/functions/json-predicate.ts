import { powerOfTen } from '../types/decimal.ts';
import { followPath, type JsonPath, PathError, parsePath } from './json-path.ts';
import { isArray, isNumber, isObject, type JsonTree, parseJson } from './json-tree.ts';

/** A filter of a path: `[?(@.price < 10 && @.name == 'x')]`. */
export type Predicate = (item: JsonTree) => boolean;

type Operand = (item: JsonTree) => JsonTree | undefined;

const TOKEN =
  /\s*(?:(&&|\|\||==|!=|<=|>=|<|>|!|\(|\))|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)\b|([@$](?:\.[\w$-]+|\.?\[(?:'[^']*'|"[^"]*"|-?\d+)\])*))/y;

/** The filter at the beginning of a text, and how long it is. Throws `PathError`. */
export function parsePredicate(text: string): { predicate: Predicate; length: number } {
  const start = /^\[\s*\?\s*\(/.exec(text);
  if (start === null) throw new PathError(`'[?(' expected in '${text}'`);
  const parser = new Parser(text, start[0].length);
  const predicate = parser.or();
  const end = /^\s*\)\s*\]/.exec(text.slice(parser.position));
  if (end === null) throw new PathError(`the filter '${text}' is not understood`);
  return { predicate, length: parser.position + end[0].length };
}

class Parser {
  position: number;
  readonly #text: string;

  constructor(text: string, position: number) {
    this.#text = text;
    this.position = position;
  }

  #next(): RegExpExecArray | null {
    TOKEN.lastIndex = this.position;
    return TOKEN.exec(this.#text);
  }

  #accept(sign: string): boolean {
    const token = this.#next();
    if (token?.[1] !== sign) return false;
    this.position = TOKEN.lastIndex;
    return true;
  }

  or(): Predicate {
    let left = this.#and();
    while (this.#accept('||')) {
      const [a, b] = [left, this.#and()];
      left = (item) => a(item) || b(item);
    }
    return left;
  }

  #and(): Predicate {
    let left = this.#not();
    while (this.#accept('&&')) {
      const [a, b] = [left, this.#not()];
      left = (item) => a(item) && b(item);
    }
    return left;
  }

  #not(): Predicate {
    if (this.#accept('!')) {
      const operand = this.#not();
      return (item) => !operand(item);
    }
    if (this.#accept('(')) {
      const inner = this.or();
      if (!this.#accept(')')) throw new PathError(`')' expected in '${this.#text}'`);
      return inner;
    }
    return this.#comparison();
  }

  #comparison(): Predicate {
    const left = this.#operand();
    for (const [sign, holds] of OPERATORS) {
      if (!this.#accept(sign)) continue;
      const right = this.#operand();
      return (item) => {
        const [a, b] = [left(item), right(item)];
        return a !== undefined && b !== undefined && holds(a, b);
      };
    }
    return (item) => left(item) !== undefined;
  }

  #operand(): Operand {
    const token = this.#next();
    const [, , text, number, word, path] = token ?? [];
    if (token === null || token[1] !== undefined) throw new PathError(`a value expected in '${this.#text}'`);
    this.position = TOKEN.lastIndex;
    if (path !== undefined) {
      const parsed = parsePath(path.replace(/^@/, '$'));
      return (item) => found(item, parsed);
    }
    const value = text === undefined ? parseJson(number ?? word!) : text.slice(1, -1).replace(/\\(.)/g, '$1');
    return () => value;
  }
}

function found(item: JsonTree, path: JsonPath): JsonTree | undefined {
  try {
    return followPath(item, path);
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

/** Order of two numbers or two texts; undefined for anything else. */
function order(a: JsonTree, b: JsonTree): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : a < b ? -1 : 1;
  if (!isNumber(a) || !isNumber(b)) return undefined;
  const scale = Math.max(a.scale, b.scale);
  const x = a.unscaled * powerOfTen(scale - a.scale);
  const y = b.unscaled * powerOfTen(scale - b.scale);
  return x === y ? 0 : x < y ? -1 : 1;
}

function equal(a: JsonTree, b: JsonTree): boolean {
  if (isArray(a) || isArray(b) || isObject(a) || isObject(b)) return false;
  return (order(a, b) ?? (a === b ? 0 : 1)) === 0;
}

const OPERATORS: readonly (readonly [string, (a: JsonTree, b: JsonTree) => boolean])[] = [
  ['==', equal],
  ['!=', (a, b) => !equal(a, b)],
  ['<=', (a, b) => (order(a, b) ?? 1) <= 0],
  ['>=', (a, b) => (order(a, b) ?? -1) >= 0],
  ['<', (a, b) => (order(a, b) ?? 0) < 0],
  ['>', (a, b) => (order(a, b) ?? 0) > 0],
];
