import type { Column } from '../types/batch.ts';
import type { DataType } from '../types/data-type.ts';
import type { Argument, Mismatch, Session } from './define.ts';

/** The rows of a batch that one call has to take. Row `rows[i]` belongs to the group with the number `slots[i]`. */
export interface AggregateRows {
  /** The arguments, in the types of `parameters`. */
  readonly columns: readonly Column[];
  readonly rows: Int32Array;
  readonly slots: Int32Array;
  readonly length: number;
  /** By row: -U and -D rows are taken back. Absent: all are added. */
  readonly kinds?: Uint8Array;
}

/**
 * What a call remembers of many groups, a value or a few in typed columns for each slot. Slots below the room made by
 * `grow` begin cleared.
 */
export interface Accumulators {
  grow(capacity: number): void;
  /** The group is as if it had no rows. */
  clear(slot: number): void;
  update(rows: AggregateRows): void;
  /** Adds what group `from` has to group `to`. */
  merge(from: number, to: number): void;
  /** The values of groups, as a column of the call's type. */
  values(slots: Int32Array, length: number): Column;
  /** Plain data about one group; shares nothing with the state. */
  save(slot: number): unknown;
  /** Takes what `save` gave into a slot that is cleared. */
  load(slot: number, saved: unknown): void;
  /** Plain data about the slots below `limit`; see OperatorState. */
  snapshot(limit: number): unknown;
  restore(image: unknown): void;
}

/** A call whose types are settled. */
export interface ResolvedAggregate {
  /** Flink's result type. */
  readonly type: DataType;
  /** The arguments are cast to these types first; those behind are constants, which only `clauses` tells of. */
  readonly parameters: readonly DataType[];
  /** What the call says besides its arguments, where it matters: a separator, IGNORE NULLS. */
  readonly clauses?: string;
  /** Parts of the rows may be aggregated by themselves and merged, in any order, as Flink does where windows overlap. */
  readonly mergeable?: true;
  /** `retracts`: rows are taken back too; where not, less may be remembered. */
  create(retracts: boolean): Accumulators;
}

/** What an aggregate call stands in. */
export interface Grouping {
  /** Whether there may be a result without any row: no GROUP BY, or a FILTER. */
  readonly mayBeEmpty: boolean;
  /** Written behind the arguments. */
  readonly nulls?: 'RESPECT' | 'IGNORE';
  /** `NULL ON NULL` or `ABSENT ON NULL`. */
  readonly onNull?: 'NULL' | 'ABSENT';
}

/** An aggregate function, declared once: name resolution, result type, evaluation, reference and examples. */
export interface AggregateFunction {
  /** Upper case. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly doc: string;
  readonly syntax: readonly string[];
  /** Run as tests: the call over the rows of `VALUES`, columns a, b, …; its value as CAST(… AS STRING) gives it. */
  readonly examples: readonly { readonly sql: string; readonly rows: string; readonly value: string | null }[];
  /** A value that comes again changes nothing: DISTINCT needs no work. */
  readonly idempotent?: true;
  resolve(args: readonly Argument[], grouping: Grouping, session: Session): ResolvedAggregate | Mismatch;
}

export function defineAggregate(definition: AggregateFunction): AggregateFunction {
  return definition;
}

/** Whether a row with this kind is taken back. */
export function isRetraction(kind: number): boolean {
  return kind === 1 || kind === 3;
}
