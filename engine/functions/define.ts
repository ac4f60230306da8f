import type { DataType, Scalar } from '../types/data-type.ts';

export { EvaluationError } from '../types/evaluation-error.ts';

/** What the session says to functions. */
export interface Session {
  /** `table.local-time-zone`, an IANA name or an offset. */
  readonly timeZone: string;
  /** Microseconds since 1970; a test may fix it. */
  now(): bigint;
}

/** An argument of a call, as far as it is known before anything runs. */
export interface Argument {
  readonly type: DataType;
  /** Present where the argument is a constant; null for NULL. */
  readonly literal?: Scalar;
  /** Present where the argument is a keyword such as YEAR or BOTH; its type is NULL then. */
  readonly symbol?: string;
  /** Whether its text is JSON by construction: a call of JSON_OBJECT, JSON_ARRAY or JSON. */
  readonly json?: boolean;
}

/** JSON_VALUE's and its sisters' keyword clauses; defaults are arguments like others, after the written ones. */
export interface JsonOptions {
  readonly returning?: DataType;
  readonly wrapper?: 'WITHOUT' | 'CONDITIONAL' | 'UNCONDITIONAL';
  /** `{ argument }`: index of the DEFAULT expression among the arguments. */
  readonly onEmpty?: string | { readonly argument: number };
  readonly onError?: string | { readonly argument: number };
  readonly onNull?: 'NULL' | 'ABSENT';
}

/** A call whose types are settled. */
export interface ResolvedCall {
  readonly type: DataType;
  /** The arguments are cast to these types first (same length as the arguments; keywords keep NULL). */
  readonly parameters: readonly DataType[];
  /**
   * 'strict': a NULL argument gives NULL, `evaluate` and `code` never see one. 'called': NULL arrives as null.
   * Either way `evaluate` may answer null, if `type` is nullable or `mayBeNull` is set.
   */
  readonly nulls: 'strict' | 'called';
  /** NULL may come out although `type` is NOT NULL: Flink does so where a DECIMAL overflows or a pad has no length. */
  readonly mayBeNull?: boolean;
  /** Scalars in the representation of `parameters` → scalar in that of `type`. Throws `EvaluationError`. */
  readonly evaluate: (...values: never[]) => Scalar;
  /**
   * The same as a JavaScript expression over argument texts, for speed; only for strict calls that never answer null,
   * or do so exactly where `guard` says.
   * `bind(value)` hands a constant in and gives its name. Arguments may occur more than once: they are plain names.
   */
  readonly code?: (values: readonly string[], bind: (value: unknown) => string) => string;
  /** Beside `code`: a JavaScript condition over the same texts; where it is false the call is NULL. */
  readonly guard?: (values: readonly string[], bind: (value: unknown) => string) => string;
}

/** Why a function does not take these arguments; `argument` is the index of the one at fault. */
export interface Mismatch {
  readonly mismatch: string;
  readonly argument?: number;
  readonly help?: string;
}

export type Family =
  | 'comparison'
  | 'logical'
  | 'arithmetic'
  | 'string'
  | 'temporal'
  | 'conditional'
  | 'conversion'
  | 'collection'
  | 'json'
  | 'construction'
  | 'access'
  | 'hash'
  | 'catalog';

/**
 * A scalar function or operator, declared once: name resolution, type inference, evaluation, reference and examples.
 * Operators are entries under their sign ('+', '=', '||', 'LIKE', 'IS TRUE' …).
 */
export interface ScalarFunction {
  /** Upper case. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly family: Family;
  readonly doc: string;
  /** How it is written: `SUBSTRING(s FROM i [FOR n])`. */
  readonly syntax: readonly string[];
  /** Run as tests: SQL expression and its value as CAST(… AS STRING) gives it, null for NULL. */
  readonly examples: readonly { readonly sql: string; readonly value: string | null }[];
  /** false: never folded (RAND, UUID, CURRENT_TIMESTAMP). */
  readonly deterministic?: boolean;
  /** False for operators, which are not reached by a call. */
  readonly callable?: boolean;
  resolve(args: readonly Argument[], session: Session, json?: JsonOptions): ResolvedCall | Mismatch;
}

export function defineFunction(definition: ScalarFunction): ScalarFunction {
  return definition;
}
