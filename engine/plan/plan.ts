import type { BoundConnector } from '../connector/bind.ts';
import type { ScanFilter } from '../connector/scan-filter.ts';
import type { TableShape } from '../connector/table.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import type { ResolvedAggregate } from '../functions/aggregate.ts';
import type { Field } from '../types/data-type.ts';
import type { Expr } from './expr.ts';

export type Changelog = 'append' | 'upsert' | 'retract';

/** A typed, resolved relational plan; `fields` describe its output. There is no second, physical tree. */
export type Plan =
  | Scan
  | Normalize
  | Filter
  | Project
  | Union
  | Values
  | Unnest
  | Watermark
  | Window
  | Aggregate
  | Over
  | Join
  | LookupJoin
  | Rank;

/** Reads `columns` (indexes into `table.columns`) of a table, in that order, in the connector's types. */
export interface Scan {
  readonly kind: 'scan';
  /** Catalog, database, table. */
  readonly path: readonly string[];
  readonly table: TableShape;
  readonly connector: BoundConnector;
  readonly columns: readonly number[];
  /** What the source may leave out, as the job tests it anyway; absent: nothing. */
  readonly filters?: readonly ScanFilter[];
  readonly fields: readonly Field[];
  readonly span: Span;
}

/**
 * The rows that a table has by its key, as what an upserting source says of them becomes inserts, updates and deletions:
 * a row replaces the one of its key, and of a deletion only the columns `keys` are known.
 */
export interface Normalize {
  readonly kind: 'normalize';
  readonly input: Scan;
  /** Indexes into the fields. */
  readonly keys: readonly number[];
  readonly fields: readonly Field[];
}

/** Keeps the rows for which `condition` is TRUE. */
export interface Filter {
  readonly kind: 'filter';
  readonly input: Plan;
  readonly condition: Expr;
  readonly fields: readonly Field[];
}

export interface Project {
  readonly kind: 'project';
  readonly input: Plan;
  readonly expressions: readonly Expr[];
  readonly fields: readonly Field[];
}

/** All rows of all inputs (UNION ALL); the inputs have the types of `fields`. */
export interface Union {
  readonly kind: 'union';
  readonly inputs: readonly Plan[];
  readonly fields: readonly Field[];
}

/** Constant rows; without columns and with one row: a SELECT without FROM. */
export interface Values {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expr[])[];
  readonly fields: readonly Field[];
}

/**
 * Each row of `input` with each element of `collection` (CROSS JOIN UNNEST); `outer` keeps rows without elements.
 * The output is the input's fields, then the element's (a ROW's fields, a MAP's key and value, MULTISET elements
 * repeated), then the 1-based INT ordinality if asked for.
 */
export interface Unnest {
  readonly kind: 'unnest';
  readonly input: Plan;
  readonly collection: Expr;
  readonly ordinality: boolean;
  readonly outer: boolean;
  /** Over the fields, of `outer`: only elements count for which it is TRUE. */
  readonly condition?: Expr;
  readonly fields: readonly Field[];
}

/** Declares `rowtime` to be event time: `expression` is how far it has come with a row. */
export interface Watermark {
  readonly kind: 'watermark';
  readonly input: Plan;
  /** Index into the fields. */
  readonly rowtime: number;
  readonly expression: Expr;
  /** Milliseconds after which nobody waits for a split without rows; absent: for ever. */
  readonly idleTimeout?: number;
  /** Whether event time as it was before the row is a column behind those of the input. */
  readonly current?: true;
  readonly fields: readonly Field[];
}

/** A window table function: the input's fields, then window_start, window_end and window_time. */
export interface Window {
  readonly kind: 'window';
  readonly input: Plan;
  /** Index of the time attribute. */
  readonly time: number;
  readonly window: WindowShape;
  readonly attribute: TimeAttribute;
  /** Of TIMESTAMP_LTZ: the time zone by whose clock windows begin. */
  readonly zone?: string;
  /** Of GROUP BY HOP(…): Flink merges parts of such windows in another order than those of the table function. */
  readonly grouped?: true;
  readonly fields: readonly Field[];
}

/** What a column tells about time: 'event' moves with watermarks, 'processing' is the clock. */
export type TimeAttribute = 'event' | 'processing';

/** Lengths in microseconds; sessions are of rows with equal values in the columns `keys` of the input. */
export type WindowShape =
  | { readonly kind: 'tumble'; readonly size: bigint; readonly offset: bigint }
  | { readonly kind: 'hop'; readonly slide: bigint; readonly size: bigint; readonly offset: bigint }
  | { readonly kind: 'cumulate'; readonly step: bigint; readonly size: bigint; readonly offset: bigint }
  | { readonly kind: 'session'; readonly gap: bigint; readonly keys: readonly number[] };

/**
 * A row for each key that has rows: the columns `keys` of the input, then the value of each call. Without keys there is
 * one group, which has a row once the first row came. Updates as its input comes.
 */
export interface Aggregate {
  readonly kind: 'aggregate';
  readonly input: Plan;
  /** Indexes into the input's fields. */
  readonly keys: readonly number[];
  readonly calls: readonly AggregateCall[];
  /** Groups end with their window, whose bounds are among the keys: `time` is the input's column of its last instant. */
  readonly window?: { readonly time: number; readonly attribute: TimeAttribute };
  /** Milliseconds after which a group is forgotten that got no row, 0: never; absent: as the job says. */
  readonly ttl?: number;
  readonly fields: readonly Field[];
  /** Of the GROUP BY, where one is written. */
  readonly span?: Span;
}

/**
 * The input's columns and the value of each call over the rows of its partition up to the row, in the order of a column,
 * of time as a rule.
 */
export interface Over {
  readonly kind: 'over';
  readonly input: Plan;
  /** Indexes into the input's fields. */
  readonly partition: readonly number[];
  /** Index of the column that rows are ordered by, ascending. */
  readonly time: number;
  /** What it tells about time; absent where nothing: then rows change when others come before them. */
  readonly attribute?: TimeAttribute;
  /** Of OVER or of the call, where one is written. */
  readonly span?: Span;
  /** What rows of the same time are ordered by; by arrival where empty. */
  readonly ties: readonly RankOrder[];
  readonly frame: OverFrame;
  readonly calls: readonly AggregateCall[];
  readonly fields: readonly Field[];
}

/** From so many rows (`rows`) or microseconds before a row, or the first one, to the row or those of the same time. */
export interface OverFrame {
  readonly rows: boolean;
  readonly preceding?: bigint;
}

/** A call of an aggregate function over columns of the input, which have the types of `resolved.parameters`. */
export interface AggregateCall {
  readonly name: string;
  readonly resolved: ResolvedAggregate;
  readonly arguments: readonly number[];
  readonly distinct: boolean;
  /** Index of a BOOLEAN column: only rows where it is TRUE count. */
  readonly filter?: number;
}

export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'mark';

/**
 * The pairs of a left and a right row for which `condition` is TRUE, all pairs where it is absent. 'left', 'right' and
 * 'full' add the rows of that side without a pair, with NULLs for the other's columns; 'semi' has the left rows that are
 * in a pair, 'anti' those that are in none, 'mark' all of them with a BOOLEAN behind that says whether they are in one.
 * `fields`: the left's, then, except for those three, the right's.
 */
export interface Join {
  readonly kind: 'join';
  readonly type: JoinType;
  readonly left: Plan;
  readonly right: Plan;
  /** Over the columns of the left, then those of the right. */
  readonly condition?: Expr;
  readonly fields: readonly Field[];
  /**
   * Present where the right rows are versions, which hold for their key from their event time on: a left row meets that
   * of its own event time at most. Columns of each side; `key`: those of the right that tell what is a version of what;
   * `ascending`: a row older than the newest of its key is no version.
   */
  readonly asOf?: {
    readonly left: number;
    readonly right: number;
    readonly key: readonly number[];
    readonly ascending?: true;
  };
  /** Milliseconds after which rows of a side are forgotten that were not written again, 0: never; absent: as the job says. */
  readonly ttl?: { readonly left?: number; readonly right?: number };
  /** What asks for it: the right table of JOIN, the subquery. */
  readonly span: Span;
}

/**
 * Each row of `input` with the rows that `table` has for it at that moment: a scan, or a projection of one, which is
 * asked by keys and never read as a whole. 'left' keeps rows that meet none. `fields`: the input's, then the table's.
 */
export interface LookupJoin {
  readonly kind: 'lookup-join';
  readonly type: 'inner' | 'left';
  readonly input: Plan;
  readonly table: Plan;
  /** Over the columns of the input, then those of the table; names a key of the table (`lookupKeys`). */
  readonly condition: Expr;
  readonly retry?: LookupRetry;
  readonly fields: readonly Field[];
}

/** Keys without rows are asked for again, so often at most, each time after `delay` milliseconds. */
export interface LookupRetry {
  readonly delay: number;
  readonly attempts: number;
}

/**
 * The rows with the ranks from `start` to `end` (both from 1) within those that are equal in the columns `partition`,
 * numbered by `order` as ROW_NUMBER does: ROW_NUMBER with a bound, LIMIT. An `end` of Infinity is not bounded yet.
 */
export interface Rank {
  readonly kind: 'rank';
  readonly input: Plan;
  readonly partition: readonly number[];
  readonly order: readonly RankOrder[];
  /** Of rows that compare equal the newest is first; the oldest where absent. */
  readonly newest?: true;
  /** What the first column of `order` tells about time, if it is a time attribute. */
  readonly time?: TimeAttribute;
  readonly start: number;
  readonly end: number;
  /** Partitions end with their window, whose bounds are among `partition`: `time` is the column of its last instant. */
  readonly window?: { readonly time: number; readonly attribute: TimeAttribute };
  /** Whether the rank is a column behind those of the input. */
  readonly numbered: boolean;
  readonly fields: readonly Field[];
  /** Of the call or the clause. */
  readonly span: Span;
}

/** `column`: an index into the input's fields. */
export interface RankOrder {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Whether a join only asks whether left rows are in a pair. */
export function asksOnly(type: JoinType): type is 'semi' | 'anti' | 'mark' {
  return type === 'semi' || type === 'anti' || type === 'mark';
}

/** One INSERT: `input` has the types of the sink's `written` columns. */
export interface SinkPlan {
  readonly kind: 'sink';
  /** Catalog, database, table. */
  readonly path: readonly string[];
  readonly table: TableShape;
  readonly connector: BoundConnector;
  /** Indexes into `table.columns`: physical and not virtual metadata columns, in order. */
  readonly written: readonly number[];
  readonly input: Plan;
  readonly span: Span;
}

/** The plans that a plan reads from. */
export function inputsOf(plan: Plan): readonly Plan[] {
  switch (plan.kind) {
    case 'scan':
    case 'values':
      return [];
    case 'normalize':
    case 'filter':
    case 'project':
    case 'unnest':
    case 'watermark':
    case 'window':
    case 'aggregate':
    case 'over':
    case 'lookup-join':
    case 'rank':
      return [plan.input];
    case 'union':
      return plan.inputs;
    case 'join':
      return [plan.left, plan.right];
  }
}

/** The same plan over other inputs; the same object where none changed. */
export function mapInputs(plan: Plan, change: (input: Plan) => Plan): Plan {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    // Whatever else is read stands above.
    case 'normalize':
      return plan;
    case 'filter':
    case 'project':
    case 'unnest':
    case 'watermark':
    case 'window':
    case 'lookup-join':
    case 'aggregate':
    case 'over':
    case 'rank': {
      const input = change(plan.input);
      return input === plan.input ? plan : { ...plan, input };
    }
    case 'union': {
      const inputs = plan.inputs.map(change);
      return inputs.every((input, i) => input === plan.inputs[i]) ? plan : { ...plan, inputs };
    }
    case 'join': {
      const left = change(plan.left);
      const right = change(plan.right);
      return left === plan.left && right === plan.right ? plan : { ...plan, left, right };
    }
  }
}
