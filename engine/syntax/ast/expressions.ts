import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Identifier, Name, StringLiteral } from './names.ts';
import type { Query } from './queries.ts';
import type { IntervalQualifier, TypeNode } from './types.ts';

export type Expression =
  | NumberLiteral
  | TextLiteral
  | BinaryLiteral
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'null'; readonly span: Span }
  | DatetimeLiteral
  | IntervalLiteral
  | Reference
  | Unary
  | Binary
  | Is
  | IsDistinct
  | Between
  | In
  | Quantified
  | Like
  | Exists
  | Subquery
  | Overlaps
  | Case
  | Cast
  | Call
  | SymbolArgument
  | NamedArgument
  | TableArgument
  | RowConstructor
  | { readonly kind: 'array'; readonly items: readonly Expression[]; readonly span: Span }
  | { readonly kind: 'map'; readonly items: readonly Expression[]; readonly span: Span }
  | { readonly kind: 'item'; readonly operand: Expression; readonly index: Expression; readonly span: Span }
  | { readonly kind: 'field'; readonly operand: Expression; readonly name: Identifier; readonly span: Span };

/** `text` as written: `1`, `1.50`, `.5`, `1e3`. */
export interface NumberLiteral {
  readonly kind: 'number';
  readonly text: string;
  readonly span: Span;
}

/** A string literal as an expression. `charset` as in `_UTF8'abc'`; `unicode` for `U&'\00e9'`, already decoded in `value`. */
export interface TextLiteral extends Omit<StringLiteral, 'kind'> {
  readonly kind: 'text';
  readonly charset?: string;
  readonly unicode?: boolean;
}

/** `X'0aff'`; `hex` without the quotes. */
export interface BinaryLiteral {
  readonly kind: 'binary-literal';
  readonly hex: string;
  readonly span: Span;
}

export interface DatetimeLiteral {
  readonly kind: 'datetime';
  readonly type: 'DATE' | 'TIME' | 'TIMESTAMP';
  readonly value: StringLiteral;
  readonly span: Span;
}

/** `INTERVAL -'1 10' DAY TO HOUR`; `negative` for a sign before the string. Plural units are normalised. */
export interface IntervalLiteral {
  readonly kind: 'interval';
  readonly negative: boolean;
  readonly value: StringLiteral;
  readonly qualifier: IntervalQualifier;
  readonly span: Span;
}

/** `a`, `t.a`, `t.row.field`; what each part is, analysis decides. `star`: ends with `.*`, or is `*` alone (no parts). */
export interface Reference {
  readonly kind: 'reference';
  readonly parts: readonly Identifier[];
  readonly star: boolean;
  readonly span: Span;
}

export interface Unary {
  readonly kind: 'unary';
  readonly operator: '+' | '-' | 'NOT';
  readonly operand: Expression;
  readonly span: Span;
}

export type BinaryOperator = 'OR' | 'AND' | '=' | '<>' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '||';

export interface Binary {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly operatorSpan: Span;
  readonly left: Expression;
  readonly right: Expression;
  /** `(a - b) DAY`: the difference of two times as an interval. */
  readonly interval?: IntervalQualifier;
  readonly span: Span;
}

/** `x IS [NOT] NULL | TRUE | FALSE | UNKNOWN | JSON [VALUE | SCALAR | ARRAY | OBJECT]`. */
export interface Is {
  readonly kind: 'is';
  readonly operand: Expression;
  readonly test: 'NULL' | 'TRUE' | 'FALSE' | 'UNKNOWN' | 'JSON VALUE' | 'JSON SCALAR' | 'JSON ARRAY' | 'JSON OBJECT';
  readonly negated: boolean;
  readonly span: Span;
}

/** `a IS [NOT] DISTINCT FROM b`; `negated` for IS NOT DISTINCT FROM. */
export interface IsDistinct {
  readonly kind: 'is-distinct';
  readonly left: Expression;
  readonly right: Expression;
  readonly negated: boolean;
  readonly span: Span;
}

export interface Between {
  readonly kind: 'between';
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly symmetric: boolean;
  readonly negated: boolean;
  readonly span: Span;
}

export interface Exists {
  readonly kind: 'exists';
  readonly query: Query;
  readonly span: Span;
}

/** A query as a value. */
export interface Subquery {
  readonly kind: 'subquery';
  readonly query: Query;
  readonly span: Span;
}

export interface In {
  readonly kind: 'in';
  readonly operand: Expression;
  readonly list: readonly Expression[] | Query;
  readonly negated: boolean;
  readonly span: Span;
}

/** `x > ANY (…)`, of a list or a query; SOME is another word for ANY. */
export interface Quantified {
  readonly kind: 'quantified';
  readonly operand: Expression;
  readonly operator: ComparisonOperator;
  readonly quantifier: 'ANY' | 'SOME' | 'ALL';
  readonly list: readonly Expression[] | Query;
  readonly span: Span;
}

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export interface Like {
  readonly kind: 'like';
  readonly operand: Expression;
  readonly pattern: Expression;
  readonly escape?: Expression;
  /** SIMILAR TO instead of LIKE. */
  readonly similar: boolean;
  readonly negated: boolean;
  readonly span: Span;
}

/** `(a, b) OVERLAPS (c, d)`. */
export interface Overlaps {
  readonly kind: 'overlaps';
  readonly left: readonly [Expression, Expression];
  readonly right: readonly [Expression, Expression];
  readonly span: Span;
}

export interface Case {
  readonly kind: 'case';
  readonly operand?: Expression;
  readonly whens: readonly { readonly when: readonly Expression[]; readonly result: Expression }[];
  readonly otherwise?: Expression;
  readonly span: Span;
}

export interface Cast {
  readonly kind: 'cast';
  readonly try: boolean;
  readonly operand: Expression;
  readonly type: TypeNode;
  readonly span: Span;
}

/**
 * A function call. Forms with keywords are calls too, their keywords as symbols in front, in this argument order:
 * `EXTRACT(YEAR FROM x)` → [YEAR, x] · `TRIM(BOTH c FROM s)` → [BOTH, c, s], `TRIM(s)` → [s] ·
 * `SUBSTRING(s FROM a FOR b)` → [s, a, b] · `OVERLAY(s PLACING r FROM i FOR n)` → [s, r, i, n] ·
 * `POSITION(x IN s)` → [x, s] · `FLOOR(t TO DAY)` → [t, DAY] · `TIMESTAMPADD(DAY, n, t)` → [DAY, n, t] ·
 * `CURRENT_DATE` and the like without brackets → [] with `bare`.
 */
export interface Call {
  readonly kind: 'call';
  readonly name: Name;
  readonly arguments: readonly Expression[];
  /** Written without brackets. */
  readonly bare?: boolean;
  readonly distinct?: boolean;
  readonly json?: JsonClauses;
  readonly orderBy?: readonly OrderItem[];
  readonly withinGroup?: readonly OrderItem[];
  readonly filter?: Expression;
  readonly nulls?: 'RESPECT' | 'IGNORE';
  readonly over?: WindowSpec | Identifier;
  readonly span: Span;
}

/**
 * What JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT and JSON_ARRAY say with keywords. JSON_OBJECT's arguments are
 * key, value, key, value …
 */
export interface JsonClauses {
  readonly returning?: TypeNode;
  readonly wrapper?: 'WITHOUT' | 'CONDITIONAL' | 'UNCONDITIONAL';
  readonly onEmpty?: JsonBehaviour;
  readonly onError?: JsonBehaviour;
  readonly onNull?: 'NULL' | 'ABSENT';
}

export type JsonBehaviour =
  | 'NULL'
  | 'ERROR'
  | 'TRUE'
  | 'FALSE'
  | 'UNKNOWN'
  | 'EMPTY ARRAY'
  | 'EMPTY OBJECT'
  | { readonly default: Expression };

/** A keyword as an argument: a time unit, BOTH, LEADING, … in upper case. */
export interface SymbolArgument {
  readonly kind: 'symbol';
  readonly name: string;
  readonly span: Span;
}

/** `DATA => TABLE t`. */
export interface NamedArgument {
  readonly kind: 'named-argument';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}

/** `TABLE t`, `DESCRIPTOR(ts)` or `(SELECT …)` as an argument of a table function. */
export type TableArgument =
  | {
      readonly kind: 'table-argument';
      readonly table: Name | Query;
      readonly partitionBy?: readonly Expression[];
      readonly orderBy?: readonly OrderItem[];
      readonly span: Span;
    }
  | { readonly kind: 'descriptor'; readonly columns: readonly Identifier[]; readonly span: Span };

/** `ROW(a, b)` (`explicit`) or `(a, b)`. */
export interface RowConstructor {
  readonly kind: 'row';
  readonly explicit: boolean;
  readonly items: readonly Expression[];
  readonly span: Span;
}

export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls?: 'FIRST' | 'LAST';
  readonly span: Span;
}

export interface WindowSpec {
  readonly kind: 'window';
  /** The named window that this one refines. */
  readonly base?: Identifier;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame?: { readonly unit: 'ROWS' | 'RANGE'; readonly start: FrameBound; readonly end?: FrameBound };
  readonly span: Span;
}

export interface FrameBound {
  readonly kind: 'UNBOUNDED PRECEDING' | 'PRECEDING' | 'CURRENT ROW' | 'FOLLOWING' | 'UNBOUNDED FOLLOWING';
  readonly offset?: Expression;
}
