import type { BigNumber } from '../types/decimal.ts';
import { bigNumberText, parseBigNumber } from '../types/decimal.ts';

/** A JSON value with its numbers exact; of a key that occurs twice the last value counts. */
export type JsonTree = null | boolean | string | JsonNumber | readonly JsonTree[] | ReadonlyMap<string, JsonTree>;

export interface JsonNumber extends BigNumber {
  /** Written without fraction and exponent. */
  readonly whole: boolean;
}

export class MalformedJson extends Error {}

const MAX_DEPTH = 1000;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;

/** The first value of a text, as Jackson reads it: what follows is ignored. Throws `MalformedJson`. */
export function parseJson(text: string): JsonTree {
  const reader = new Reader(text);
  return reader.root();
}

export function isNumber(value: JsonTree): value is JsonNumber {
  return typeof value === 'object' && value !== null && 'whole' in value;
}

export function isArray(value: JsonTree): value is readonly JsonTree[] {
  return Array.isArray(value);
}

export function isObject(value: JsonTree): value is ReadonlyMap<string, JsonTree> {
  return value instanceof Map;
}

class Reader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  root(): JsonTree {
    const value = this.#value(0);
    const next = this.#text[this.#position];
    if ((isNumber(value) || typeof value === 'boolean' || value === null) && next !== undefined && !/\s/.test(next)) {
      if (isNumber(value) || /[\w$]/.test(next)) this.#fail();
    }
    return value;
  }

  #fail(): never {
    const found = this.#text[this.#position];
    throw new MalformedJson(
      found === undefined
        ? 'the JSON text ends too early'
        : `unexpected '${found}' at index ${this.#position} of the JSON text`,
    );
  }

  #blank(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#position] ?? '')) this.#position++;
  }

  #accept(c: string): boolean {
    this.#blank();
    if (this.#text[this.#position] !== c) return false;
    this.#position++;
    return true;
  }

  #value(depth: number): JsonTree {
    if (depth > MAX_DEPTH) throw new MalformedJson(`the JSON text is nested more than ${MAX_DEPTH} levels deep`);
    this.#blank();
    const c = this.#text[this.#position];
    if (c === '{') return this.#object(depth);
    if (c === '[') return this.#array(depth);
    if (c === '"') return this.#string();
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.#text.startsWith(word, this.#position)) {
        this.#position += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = this.#position;
    const match = NUMBER.exec(this.#text);
    if (match === null) return this.#fail();
    this.#position = NUMBER.lastIndex;
    if (/[0-9.eE]/.test(this.#text[this.#position] ?? '')) this.#fail();
    return { ...parseBigNumber(match[0])!, whole: match[1] === undefined && match[2] === undefined };
  }

  #object(depth: number): JsonTree {
    this.#position++;
    const object = new Map<string, JsonTree>();
    if (this.#accept('}')) return object;
    do {
      this.#blank();
      if (this.#text[this.#position] !== '"') this.#fail();
      const key = this.#string();
      if (!this.#accept(':')) this.#fail();
      object.set(key, this.#value(depth + 1));
    } while (this.#accept(','));
    if (!this.#accept('}')) this.#fail();
    return object;
  }

  #array(depth: number): JsonTree {
    this.#position++;
    const array: JsonTree[] = [];
    if (this.#accept(']')) return array;
    do array.push(this.#value(depth + 1));
    while (this.#accept(','));
    if (!this.#accept(']')) this.#fail();
    return array;
  }

  #string(): string {
    const start = this.#position;
    for (let i = start + 1; i < this.#text.length; i++) {
      const c = this.#text.charCodeAt(i);
      if (c === 92) i++;
      else if (c === 34) {
        this.#position = i + 1;
        return this.#unescape(start, i + 1);
      } else if (c < 32) break;
    }
    return this.#fail();
  }

  #unescape(start: number, end: number): string {
    const raw = this.#text.slice(start, end);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    try {
      return JSON.parse(raw) as string;
    } catch (error) {
      if (error instanceof SyntaxError) throw new MalformedJson(`a bad escape at index ${start} of the JSON text`);
      throw error;
    }
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

/** A JSON string literal as Jackson writes it. */
export function quoteJson(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON escapes
  const escaped = text.replace(/["\\\u0000-\u001f]/g, (c) => {
    return ESCAPES[c] ?? `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** JSON text without blanks, keys in order. */
export function writeJson(value: JsonTree): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quoteJson(value);
  if (isNumber(value)) return bigNumberText(value);
  if (isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  const entries = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${quoteJson(key)}:${writeJson(item)}`).join(',')}}`;
}
