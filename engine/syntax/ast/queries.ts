import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Call, Expression, OrderItem, WindowSpec } from './expressions.ts';
import type { Identifier, Name, StringLiteral } from './names.ts';
import type { Option } from './statements.ts';

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
