import type { Span } from '../diagnostics/diagnostic.ts';
import { aggregateFunctions } from '../functions/aggregates/index.ts';
import type { ResolvedCall } from '../functions/define.ts';
import { askValues, askWhether } from '../plan/ask.ts';
import { column } from '../plan/build.ts';
import { decorrelate } from '../plan/decorrelate.ts';
import { type ColumnExpr, type Expr, readsColumn, replaceColumns } from '../plan/expr.ts';
import { type Around, type Free, isSingle, isStuck, type Stuck } from '../plan/free.ts';
import { optionalFields } from '../plan/join-plans.ts';
import type { AggregateCall, Plan } from '../plan/plan.ts';
import type { Expression, Query } from '../syntax/ast.ts';
import { type Field, type Scalar, type, withNullable } from '../types/data-type.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { type Context, unsupported } from './context.ts';

/** What asks a query: an expression, or a query itself. */
export type Asking = Expression | Query;

/** A query that is asked for each row: for its values, or whether it has a row that meets conditions. */
interface Asked {
  readonly plan: Plan;
  readonly span: Span;
  readonly conditions?: readonly Expr[];
}

/**
 * The queries that the expressions of a SELECT ask for each row, as values or conditions, as they are found: each adds
 * columns behind those of the rows.
 */
export class Subqueries {
  /** Columns of the rows, or as good a number where they are not known yet. */
  readonly width: number;
  /** Queries around these. */
  readonly depth: number;
  /** Whether they stand in ON: what the joined tables have is not known to them. */
  readonly joinOnly: boolean;
  readonly #asked: Asked[] = [];
  /** The columns of each by what it is written as: what is asked again is asked once. */
  readonly #known = new Map<string, readonly ColumnExpr[]>();
  #next: number;

  constructor(width: number, depth: number, joinOnly = false) {
    this.width = width;
    this.depth = depth;
    this.joinOnly = joinOnly;
    this.#next = width;
  }

  /** The columns of a query that gives one row at most, NULL where it gives none; `node` is what asks for them. */
  addValues(node: Asking, plan: Plan, span: Span): readonly ColumnExpr[] {
    return this.#once(`values ${textOf(node)}`, { plan, span }, optionalFields(plan));
  }

  /**
   * Whether a query has a row that meets conditions over the row around and, behind `ASKED`, its columns. `node` is what
   * asks for it, `kind` tells tests of one node apart.
   */
  addTest(node: Asking, kind: string, plan: Plan, conditions: readonly Expr[], span: Span): ColumnExpr {
    const fields = [{ name: 'mark', type: type.boolean(false) }];
    return this.#once(`${kind} ${textOf(node)}`, { plan, span, conditions }, fields)[0]!;
  }

  #once(key: string, asked: Asked, fields: readonly Field[]): readonly ColumnExpr[] {
    const { span } = asked;
    const known = this.#known.get(key)?.map((each) => ({ ...each, span }));
    if (known !== undefined) return known;
    const columns = fields.map((field, i) => column(this.#next + i, field, span));
    this.#asked.push(asked);
    this.#next += columns.length;
    this.#known.set(key, columns);
    return columns;
  }

  /** Whether an expression needs what the queries answer. */
  readBy(expr: Expr): boolean {
    return readsColumn(expr, ({ index }) => this.#isAnswer(index));
  }

  #isAnswer(index: number): boolean {
    return index >= this.width && index < this.#next;
  }

  /** The rows of `input`, which come from `rows`, with the answers behind; undefined after a report. */
  join(context: Context, input: Plan, rows: Plan): Plan | undefined {
    let plan = input;
    for (const asked of this.#asked) {
      const around = { rows, depth: this.depth, span: asked.span };
      const conditions = asked.conditions?.map((each) => this.place(each, input));
      const next =
        conditions === undefined
          ? values(plan, asked.plan, around)
          : askWhether(plan, 'mark', asked.plan, conditions, around);
      if (isStuck(next)) return reportStuck(context, next, asked.span);
      plan = next;
    }
    return plan;
  }

  /** An expression over the rows and the answers as one over `join` of `input`. */
  place(expr: Expr, input: Plan): Expr {
    const by = input.fields.length - this.width;
    if (by === 0 || this.#asked.length === 0) return expr;
    return replaceColumns(expr, (each) => (this.#isAnswer(each.index) ? { ...each, index: each.index + by } : each));
  }
}

/** What is written, wherever that is. */
function textOf(node: Asking): string {
  return JSON.stringify(node, (key, value: unknown) => (/^(span|operatorSpan)$/.test(key) ? undefined : value));
}

/** Reports what keeps a query from being asked. */
export function reportStuck(context: Context, { what, help }: Stuck, span: Span): undefined {
  return unsupported(context, what, span, help);
}

function values(input: Plan, plan: Plan, around: Around): Plan | Stuck {
  const free = decorrelate(plan, around);
  if (isStuck(free)) return free;
  if (isSingle(free, around.depth)) return askValues(input, free, around);
  const single: Free | Stuck = decorrelate(singleValue(plan, around.span), around);
  return isStuck(single) ? single : askValues(input, single, around);
}

/** The only row of a plan with one column, which fails where there are several. */
function singleValue(input: Plan, span: Span): Plan {
  const [field] = input.fields as [Field];
  const value = callOf('FIRST_VALUE', field);
  const rows = callOf('COUNT');
  const fields: Field[] = [
    { name: field.name, type: value.resolved.type },
    { name: 'rows', type: rows.resolved.type },
  ];
  const grouped: Plan = { kind: 'aggregate', input, keys: [], calls: [value, rows], fields };
  const resolved: ResolvedCall = {
    type: withNullable(field.type, true),
    parameters: fields.map((each) => each.type),
    nulls: 'called',
    evaluate: (only: Scalar, count: Scalar) => {
      if (typeof count === 'bigint' && count > 1n) throw new EvaluationError(`it gives ${count} rows, a value is one`);
      return only;
    },
  };
  const single: Expr = {
    kind: 'call',
    name: 'SINGLE_VALUE',
    call: resolved,
    arguments: fields.map((each, i) => column(i, each)),
    deterministic: true,
    type: resolved.type,
    span,
  };
  return {
    kind: 'project',
    input: grouped,
    expressions: [single],
    fields: [{ name: field.name, type: resolved.type }],
  };
}

/** A call over the first column, or over rows. */
export function callOf(name: string, argument?: Field): AggregateCall {
  const session = { timeZone: 'UTC', now: () => 0n };
  const args = argument === undefined ? [] : [{ type: argument.type }];
  const resolved = aggregateFunctions.get(name)!.resolve(args, { mayBeEmpty: true }, session);
  if ('mismatch' in resolved) throw new Error(resolved.mismatch);
  return { name, resolved, arguments: args.map(() => 0), distinct: false };
}
