import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Expression } from './expressions.ts';
import type { Identifier, Name, StringLiteral } from './names.ts';
import type { Hint, Query } from './queries.ts';
import type { TypeNode } from './types.ts';

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
