import type { Span } from '../diagnostics/diagnostic.ts';
import { Diagnostics } from '../diagnostics/diagnostic.ts';
import { column } from '../plan/build.ts';
import type { ColumnExpr } from '../plan/expr.ts';
import type { Join, Plan } from '../plan/plan.ts';
import type { Query } from '../syntax/ast.ts';
import { withNullable } from '../types/data-type.ts';
import { type Context, mistake, unsupported } from './context.ts';
import { analyzeQuery } from './query.ts';
import { numberNames } from './relation.ts';
import type { Scope } from './scope.ts';

/** The queries that a SELECT uses as values: each is a column behind those of FROM, of a join with one row or none. */
export class ScalarQueries {
  /** Columns of FROM. */
  readonly width: number;
  readonly #queries: { readonly plan: Plan; readonly span: Span }[] = [];

  constructor(width: number) {
    this.width = width;
  }

  /** The column of a query, NULL where it gives no row; undefined after a report. */
  add(context: Context, scope: Scope, query: Query): ColumnExpr | undefined {
    const inner = new Diagnostics();
    const inside: Context = { ...context, groups: undefined, scalars: undefined, report: inner };
    const { plan } = analyzeQuery(inside, query, scope);
    for (const each of inner.list) context.report.report(each);
    if (plan === undefined) {
      if (inner.hasErrors) return undefined;
      const help = 'join with the query instead, grouped by those columns';
      return unsupported(context, 'a query as a value that uses columns of the query around it is', query.span, help);
    }
    if (plan.fields.length !== 1) {
      const message = `a query as a value gives one column, this one gives ${plan.fields.length}`;
      return mistake(context, 'column-count', message, query.span);
    }
    if (!givesOneRow(plan)) {
      const help = 'write an aggregate without GROUP BY, such as MAX(…)';
      return unsupported(context, 'a query as a value that may give several rows is', query.span, help);
    }
    this.#queries.push({ plan, span: query.span });
    const { name, type } = plan.fields[0]!;
    return column(this.width + this.#queries.length - 1, { name, type: withNullable(type, true) }, query.span);
  }

  /** The rows of FROM with the values of the queries behind them. */
  join(input: Plan): Plan {
    return this.#queries.reduce<Plan>((left, { plan, span }): Join => {
      const { name, type } = plan.fields[0]!;
      const fields = numberNames([...left.fields, { name, type: withNullable(type, true) }]);
      return { kind: 'join', type: 'left', left, right: plan, fields, span };
    }, input);
  }
}

/** Whether a plan gives one row or none. */
function givesOneRow(plan: Plan): boolean {
  switch (plan.kind) {
    case 'project':
    case 'filter':
      return givesOneRow(plan.input);
    case 'values':
      return plan.rows.length <= 1;
    case 'aggregate':
      return plan.keys.length === 0;
    default:
      return false;
  }
}
