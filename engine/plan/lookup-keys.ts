import type { Expr } from './expr.ts';
import { splitCondition } from './join-condition.ts';
import { inputsOf, type LookupJoin, type Plan, type Scan } from './plan.ts';

/** How a lookup join asks its table. */
export interface LookupKeys {
  readonly scan: Scan;
  /** Values over the input, each with the column of the table (an index into its shape) that must equal it. */
  readonly keys: readonly { readonly value: Expr; readonly column: number }[];
  /** What is tested for each row that is found, over the input's columns and then the table's. */
  readonly rest?: Expr;
}

/** The keys of a lookup join: equalities with columns of the table that are read as they are. */
export function lookupKeys({ input, table, condition }: Pick<LookupJoin, 'input' | 'table' | 'condition'>): LookupKeys {
  const join = { left: input, right: table, condition };
  const { keys, rest } = splitCondition(join, ({ right }) => scanColumn(table, right) !== undefined);
  const asked = keys.map(({ left, right }) => ({ value: left, column: scanColumn(table, right)! }));
  return { scan: scanOf(table), keys: asked, ...(rest === undefined ? {} : { rest }) };
}

/** The scan below projections. */
export function scanOf(table: Plan): Scan {
  const [below] = inputsOf(table);
  if (table.kind === 'scan') return table;
  if ((table.kind !== 'project' && table.kind !== 'watermark') || below === undefined)
    throw new Error(`a ${table.kind} cannot be looked up`);
  return scanOf(below);
}

/** The column of the table that an expression over a plan is; undefined where it is computed. */
function scanColumn(plan: Plan, expr: Expr): number | undefined {
  if (expr.kind !== 'column') return undefined;
  if (plan.kind === 'scan') return plan.columns[expr.index];
  if (plan.kind === 'watermark') return scanColumn(plan.input, expr);
  return plan.kind === 'project' ? scanColumn(plan.input, plan.expressions[expr.index]!) : undefined;
}
