import type { Expr } from '../plan/expr.ts';
import { isDeterministic, operandsOf } from '../plan/expr.ts';
import { typeText } from '../types/data-type.ts';

/**
 * A value in generated code: both texts are plain names or constants, free to occur more than once. `isNull` is
 * 'true' or 'false' where that is known; where it is true at run time, `code` holds anything.
 */
export interface Value {
  readonly code: string;
  readonly isNull: string;
}

const negativeZero = Symbol('-0');
const ZERO = 'const zero = new BigInt64Array(1);';

interface Scope {
  readonly values: Map<number, Value>;
  readonly parent: Scope | undefined;
}

/**
 * The text of a function while it is written: statements in blocks, constants handed in, and which expressions have
 * been computed already in the blocks around the current one. Nothing of a user is ever part of the text.
 */
export class Code {
  /** What the text refers to by name. */
  readonly bindings: Record<string, unknown> = {};
  /** Whether columns may hold NULL at all. */
  readonly nulls: boolean;
  readonly #lines: string[] = [];
  readonly #prelude: string[] = [];
  readonly #names = new Map<unknown, string>();
  readonly #keys = new Map<string, number>();
  readonly #keyOf = new Map<Expr, number>();
  readonly #identities = new Map<object, number>();
  #scope: Scope = { values: new Map(), parent: undefined };
  #depth = 0;
  #count = 0;

  constructor(nulls: boolean) {
    this.nulls = nulls;
  }

  line(text: string): void {
    this.#lines.push('  '.repeat(this.#depth) + text);
  }

  /** `head { … }`; values computed inside are forgotten after it. */
  block(head: string, body: () => void): void {
    this.line(`${head} {`);
    this.#depth++;
    this.#scope = { values: new Map(), parent: this.#scope };
    body();
    this.#scope = this.#scope.parent!;
    this.#depth--;
    this.line('}');
  }

  /** A name that is not used yet. */
  fresh(prefix: string): string {
    return `${prefix}${this.#count++}`;
  }

  /** `const name = text;` */
  define(prefix: string, text: string): string {
    const name = this.fresh(prefix);
    this.line(`const ${name} = ${text};`);
    return name;
  }

  /**
   * The name under which the text reaches a value. A bigint of 64 bits is read once per batch through asIntN, which
   * tells V8 its width: in the loop it is a machine integer then, as the values of BIGINT columns are.
   */
  readonly bind = (value: unknown, prefix = 'k'): string => {
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return this.#integer(value);
    return this.#bind(value, prefix);
  };

  readonly #bind = (value: unknown, prefix: string): string => {
    // A Map takes -0 for 0.
    const key = Object.is(value, -0) ? negativeZero : value;
    let name = this.#names.get(key);
    if (name === undefined) {
      name = `${prefix}${this.#names.size}`;
      this.#names.set(key, name);
      this.bindings[name] = value;
    }
    return name;
  };

  #integer(value: bigint): string {
    let name = this.#names.get(value);
    if (name === undefined) {
      name = `b${this.#names.size}`;
      this.#names.set(value, name);
      this.bindings[`k${name}`] = value;
      this.#prelude.push(`const ${name} = BigInt.asIntN(64, k${name});`);
    }
    return name;
  }

  /**
   * A bigint that stands where a value is NULL. Read from an array, because only what V8 knows to be of 64 bits on both
   * ways into a variable stays a machine integer: three times as fast as `0n`.
   */
  get zero(): string {
    if (!this.#prelude.includes(ZERO)) this.#prelude.push(ZERO);
    return 'zero[0]';
  }

  /** The value of an expression, computed by `compute` unless a block around has it already. */
  once(expr: Expr, compute: () => Value): Value {
    const key = this.#key(expr);
    for (let scope: Scope | undefined = this.#scope; scope !== undefined; scope = scope.parent) {
      const known = scope.values.get(key);
      if (known !== undefined) return known;
    }
    const value = compute();
    this.#scope.values.set(key, value);
    return value;
  }

  /** Begins a place for statements that are only known later. */
  mark(): number {
    return this.#lines.length;
  }

  /** Writes the prelude at a mark. */
  insertPrelude(mark: number): void {
    this.#lines.splice(mark, 0, ...this.#prelude.map((line) => `  ${line}`));
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  /** Equal for expressions that must have equal values. */
  #key(expr: Expr): number {
    let key = this.#keyOf.get(expr);
    if (key === undefined) {
      const text = isDeterministic(expr) ? this.#structure(expr) : `unique ${this.#keys.size}`;
      key = this.#keys.get(text);
      if (key === undefined) {
        key = this.#keys.size;
        this.#keys.set(text, key);
      }
      this.#keyOf.set(expr, key);
    }
    return key;
  }

  #structure(expr: Expr): string {
    const operands = operandsOf(expr)
      .map((operand) => this.#key(operand))
      .join(',');
    return `${expr.kind} ${this.#detail(expr)} ${typeText(expr.type)} (${operands})`;
  }

  #identity(value: unknown): string {
    if (typeof value !== 'object' || value === null) {
      return `${typeof value} ${Object.is(value, -0) ? '-0' : JSON.stringify(String(value))}`;
    }
    let id = this.#identities.get(value);
    if (id === undefined) {
      id = this.#identities.size;
      this.#identities.set(value, id);
    }
    return `object ${id}`;
  }

  #detail(expr: Expr): string {
    switch (expr.kind) {
      case 'literal':
        return expr.keyword ?? this.#identity(expr.value);
      case 'column':
      case 'outer':
      case 'field':
        return String(expr.index);
      case 'call':
        return `${expr.name} ${expr.clauses ?? ''} ${expr.call.parameters.map((p) => typeText(p)).join(', ')}`;
      case 'cast':
        return `${expr.try} ${expr.timeZone}`;
      case 'is-null':
        return String(expr.negated);
      default:
        return '';
    }
  }
}
