import type { Span } from '../diagnostics/diagnostic.ts';

/** The syntax tree: plain readonly data, every node with its span. Mirrors Flink SQL's grammar, knows nothing of types. */

export interface Identifier {
  readonly kind: 'identifier';
  readonly name: string;
  readonly quoted: boolean;
  readonly span: Span;
}

/** `cat.db.table`, one to three parts. */
export interface Name {
  readonly kind: 'name';
  readonly parts: readonly Identifier[];
  readonly span: Span;
}

/** `value` after `${NAME}` was filled in; `raw`, as written between the quotes (unescaped), only where that differs. */
export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly raw?: string;
  readonly span: Span;
}

// ---------------------------------------------------------------------------------------------- types

/**
 * `name` in upper case as written after normalisation: INT, STRING, TIMESTAMP, TIMESTAMP_LTZ (also for
 * `TIMESTAMP WITH LOCAL TIME ZONE`), ARRAY, MAP, ROW, MULTISET, INTERVAL, … `parameters` are the numbers in brackets.
 */
export interface TypeNode {
  readonly kind: 'type';
  readonly name: string;
  readonly parameters: readonly number[];
  /** ARRAY and MULTISET: one; MAP: key and value. */
  readonly elements: readonly TypeNode[];
  /** ROW only. */
  readonly fields: readonly { readonly name: Identifier; readonly type: TypeNode; readonly comment?: StringLiteral }[];
  /** INTERVAL only. */
  readonly interval?: IntervalQualifier;
  /** Written `NOT NULL` (false) or `NULL` (true); absent: nothing written. */
  readonly nullable?: boolean;
  readonly span: Span;
}

export type TimeUnit =
  | 'MILLENNIUM'
  | 'CENTURY'
  | 'DECADE'
  | 'YEAR'
  | 'QUARTER'
  | 'MONTH'
  | 'WEEK'
  | 'DAY'
  | 'DOW'
  | 'DOY'
  | 'ISODOW'
  | 'ISOYEAR'
  | 'HOUR'
  | 'MINUTE'
  | 'SECOND'
  | 'MILLISECOND'
  | 'MICROSECOND'
  | 'NANOSECOND'
  | 'EPOCH';

export interface IntervalQualifier {
  readonly from: TimeUnit;
  readonly precision?: number;
  readonly to?: TimeUnit;
  readonly fraction?: number;
  readonly span: Span;
}

// ---------------------------------------------------------------------------------------------- expressions

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

// ---------------------------------------------------------------------------------------------- queries

export interface Query {
  readonly kind: 'query';
  readonly with: readonly CommonTable[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly limit?: Expression;
  readonly offset?: Expression;
  readonly span: Span;
}

export interface CommonTable {
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
  readonly query: Query;
  readonly span: Span;
}

export type QueryBody = Select | Values | SetOperation | Query;

export interface Select {
  readonly kind: 'select';
  /** `SELECT /*+ … *\/`. */
  readonly hints?: readonly Hint[];
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from?: TableExpression;
  readonly where?: Expression;
  readonly groupBy?: readonly GroupItem[];
  readonly having?: Expression;
  readonly windows: readonly { readonly name: Identifier; readonly window: WindowSpec }[];
  readonly qualify?: Expression;
  readonly span: Span;
}

export interface SelectItem {
  readonly expression: Expression;
  readonly alias?: Identifier;
  readonly span: Span;
}

export type GroupItem =
  | Expression
  /** Without items: `()`, all rows as one group. */
  | { readonly kind: 'grouping-sets'; readonly items: readonly GroupItem[]; readonly span: Span }
  | { readonly kind: 'rollup' | 'cube'; readonly items: readonly Expression[]; readonly span: Span };

export interface Values {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
  readonly span: Span;
}

export interface SetOperation {
  readonly kind: 'set-operation';
  readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT';
  readonly all: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
  readonly span: Span;
}

export type TableExpression = TableReference | DerivedTable | FunctionTable | Unnest | Join;

export interface Alias {
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
}

export interface TableReference {
  readonly kind: 'table';
  readonly name: Name;
  readonly hints: readonly Hint[];
  /** `FOR SYSTEM_TIME AS OF expression`. */
  readonly systemTime?: Expression;
  readonly alias?: Alias;
  readonly span: Span;
}

/** `/*+ OPTIONS('k' = 'v'), BROADCAST(t) *\/`. */
export interface Hint {
  readonly name: Identifier;
  /** What is no pair: names, paths, texts, numbers. */
  readonly names: readonly StringLiteral[];
  readonly options: readonly Option[];
  readonly span: Span;
}

export interface DerivedTable {
  readonly kind: 'derived';
  readonly lateral: boolean;
  readonly query: Query;
  readonly alias?: Alias;
  readonly span: Span;
}

/** `TABLE(f(…))` or `LATERAL TABLE(f(…))`. */
export interface FunctionTable {
  readonly kind: 'function-table';
  readonly lateral: boolean;
  readonly call: Call;
  readonly alias?: Alias;
  readonly span: Span;
}

export interface Unnest {
  readonly kind: 'unnest';
  readonly expressions: readonly Expression[];
  readonly ordinality: boolean;
  readonly alias?: Alias;
  readonly span: Span;
}

export interface Join {
  readonly kind: 'join';
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';
  /** Written with a comma. */
  readonly comma: boolean;
  readonly natural: boolean;
  readonly left: TableExpression;
  readonly right: TableExpression;
  readonly on?: Expression;
  readonly using?: readonly Identifier[];
  readonly span: Span;
}

// ---------------------------------------------------------------------------------------------- statements

export type Statement =
  | CreateTable
  | CreateView
  | CreateCatalog
  | CreateDatabase
  | CreateFunction
  | Alter
  | Drop
  | Set
  | Reset
  | Use
  | Insert
  | StatementSet
  | { readonly kind: 'select-statement'; readonly query: Query; readonly span: Span }
  | Explain
  | Describe
  | Show
  /** `QUIT`, `EXIT`, `HELP`, `CLEAR`: what people copy from a client. */
  | { readonly kind: 'client-command'; readonly command: string; readonly span: Span };

export interface CreateTable {
  readonly kind: 'create-table';
  readonly temporary: boolean;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly name: Name;
  readonly columns: readonly ColumnDefinition[];
  readonly watermarks: readonly Watermark[];
  readonly primaryKey?: PrimaryKey;
  readonly comment?: StringLiteral;
  readonly distribution?: Span;
  /** The same in parts: `DISTRIBUTED [BY [HASH | RANGE] (columns)] [INTO n BUCKETS]`. */
  readonly distributedBy?: {
    readonly method?: 'HASH' | 'RANGE';
    readonly columns: readonly Identifier[];
    readonly buckets?: number;
  };
  readonly partitionedBy: readonly Identifier[];
  readonly options: readonly Option[];
  /** The whole `WITH ( … )`; absent where there is none. */
  readonly optionsSpan?: Span;
  readonly like?: LikeClause;
  readonly as?: Query;
  readonly span: Span;
}

export type ColumnDefinition =
  | {
      readonly kind: 'physical';
      readonly name: Identifier;
      readonly type: TypeNode;
      readonly comment?: StringLiteral;
      readonly span: Span;
    }
  | {
      readonly kind: 'metadata';
      readonly name: Identifier;
      readonly type: TypeNode;
      readonly from?: StringLiteral;
      readonly virtual: boolean;
      readonly comment?: StringLiteral;
      readonly span: Span;
    }
  | {
      readonly kind: 'computed';
      readonly name: Identifier;
      readonly expression: Expression;
      readonly comment?: StringLiteral;
      readonly span: Span;
    };

export interface Watermark {
  readonly column: readonly Identifier[];
  readonly expression: Expression;
  readonly span: Span;
}

/** Table constraint, or written at its column (`ofColumn`). */
export interface PrimaryKey {
  readonly constraint?: Identifier;
  readonly columns: readonly Identifier[];
  readonly enforced: boolean;
  readonly ofColumn: boolean;
  readonly span: Span;
}

export interface Option {
  readonly key: StringLiteral;
  readonly value: StringLiteral;
  readonly span: Span;
}

export interface LikeClause {
  readonly source: Name;
  readonly clauses: readonly {
    readonly mode: 'INCLUDING' | 'EXCLUDING' | 'OVERWRITING';
    readonly what:
      | 'ALL'
      | 'CONSTRAINTS'
      | 'DISTRIBUTION'
      | 'GENERATED'
      | 'METADATA'
      | 'OPTIONS'
      | 'PARTITIONS'
      | 'WATERMARKS';
    readonly span: Span;
  }[];
  readonly span: Span;
}

export interface CreateView {
  readonly kind: 'create-view';
  readonly temporary: boolean;
  readonly ifNotExists: boolean;
  readonly name: Name;
  readonly columns: readonly Identifier[];
  readonly comment?: StringLiteral;
  readonly query: Query;
  readonly span: Span;
}

export interface CreateCatalog {
  readonly kind: 'create-catalog';
  readonly ifNotExists: boolean;
  readonly name: Identifier;
  readonly options: readonly Option[];
  readonly span: Span;
}

export interface CreateDatabase {
  readonly kind: 'create-database';
  readonly ifNotExists: boolean;
  readonly name: Name;
  readonly comment?: StringLiteral;
  readonly options: readonly Option[];
  readonly span: Span;
}

export interface CreateFunction {
  readonly kind: 'create-function';
  readonly temporary: boolean;
  readonly system: boolean;
  readonly ifNotExists: boolean;
  readonly name: Name;
  readonly className: StringLiteral;
  readonly language?: string;
  readonly span: Span;
}

/** Recognised and kept as text: analysis rejects it with a reason. */
export interface Alter {
  readonly kind: 'alter';
  readonly object: 'TABLE' | 'VIEW' | 'DATABASE' | 'CATALOG' | 'FUNCTION';
  readonly name: Name;
  /** What follows the name, as written, one blank between tokens. */
  readonly rest: string;
  readonly span: Span;
}

export interface Drop {
  readonly kind: 'drop';
  readonly object: 'TABLE' | 'VIEW' | 'DATABASE' | 'CATALOG' | 'FUNCTION';
  readonly temporary: boolean;
  readonly ifExists: boolean;
  readonly name: Name;
  readonly cascade?: 'CASCADE' | 'RESTRICT';
  readonly span: Span;
}

/** `SET 'k' = 'v'` or, `quoted` false, `SET k = v`; `SET` alone has neither. */
export interface Set {
  readonly kind: 'set';
  readonly key?: StringLiteral;
  readonly value?: StringLiteral;
  readonly quoted: boolean;
  readonly span: Span;
}

export interface Reset {
  readonly kind: 'reset';
  readonly key?: StringLiteral;
  readonly quoted: boolean;
  readonly span: Span;
}

export interface Use {
  readonly kind: 'use';
  readonly catalog: boolean;
  readonly modules?: readonly Identifier[];
  readonly name?: Name;
  readonly span: Span;
}

export interface Insert {
  readonly kind: 'insert';
  readonly overwrite: boolean;
  readonly target: Name;
  readonly hints: readonly Hint[];
  readonly partition: readonly { readonly column: Identifier; readonly value: Expression }[];
  readonly columns?: readonly Identifier[];
  readonly query: Query;
  readonly span: Span;
}

/** `EXECUTE STATEMENT SET BEGIN … END`, or `BEGIN STATEMENT SET; … END`. */
export interface StatementSet {
  readonly kind: 'statement-set';
  readonly inserts: readonly Insert[];
  readonly form: 'execute' | 'begin';
  readonly span: Span;
}

export interface Explain {
  readonly kind: 'explain';
  readonly details: readonly string[];
  readonly statement:
    | Insert
    | StatementSet
    | { readonly kind: 'select-statement'; readonly query: Query; readonly span: Span };
  readonly span: Span;
}

export interface Describe {
  readonly kind: 'describe';
  readonly object: 'TABLE' | 'CATALOG' | 'FUNCTION' | 'JOB';
  readonly extended: boolean;
  readonly name: Name;
  readonly span: Span;
}

/** `what` is the rest in upper case: 'TABLES', 'CREATE TABLE', 'TABLES FROM', 'USER FUNCTIONS', … */
export interface Show {
  readonly kind: 'show';
  readonly what: string;
  readonly name?: Name;
  readonly like?: StringLiteral;
  /** `NOT LIKE`. */
  readonly negated?: boolean;
  readonly span: Span;
}

/** All that parsing a file gives; statements that could not be parsed are absent and have a diagnostic. */
export interface Script {
  readonly statements: readonly Statement[];
  /**
   * Those that could be read on after a mistake in their grammar behind which the rest may mean something else than was
   * written; absent where there are none.
   */
  readonly mistaken?: ReadonlySet<Statement>;
  /** The places of mistakes in the grammar of statements that could be read on; absent where there are none. */
  readonly mistakes?: ReadonlyMap<Statement, readonly Span[]>;
  /** The last parts of the names that statements with mistakes would have created; absent where there are none. */
  readonly lost?: ReadonlySet<string>;
}
