import { column } from '../plan/build.ts';
import { type ColumnExpr, type Expr, mapOperands } from '../plan/expr.ts';
import { mapInputs, type Plan } from '../plan/plan.ts';
import type { Call } from '../syntax/ast.ts';
import { type Field, withNullable } from '../types/data-type.ts';
import { wrongCount } from './call.ts';
import { type Context, mistake } from './context.ts';

const NAME = 'CURRENT_WATERMARK';
const COLUMN = '$watermark';

/** `CURRENT_WATERMARK(rowtime)`: stands for a column until `placeWatermarks`. */
export function currentWatermark(context: Context, [rowtime]: readonly Expr[], node: Call): Expr | undefined {
  if (rowtime === undefined || node.arguments.length !== 1) return wrongCount(context, NAME, ['1'], node);
  if (rowtime.kind !== 'column') {
    const help = 'write the column that WATERMARK FOR names';
    return mistake(context, 'invalid-argument', `${NAME} takes a rowtime column`, node.span, { help });
  }
  const type = withNullable(rowtime.type, true);
  const evaluate = () => {
    throw new Error(`${NAME} was not placed`);
  };
  const call = { type, parameters: [rowtime.type], nulls: 'strict', evaluate } as const;
  return { kind: 'call', name: NAME, call, arguments: [rowtime], deterministic: false, type, span: node.span };
}

/** The plan with its calls of CURRENT_WATERMARK as columns that event time is told in; undefined after a report. */
export function placeWatermarks(context: Context, plan: Plan): Plan | undefined {
  switch (plan.kind) {
    case 'filter': {
      const placed = placeIn(context, plan.input, [plan.condition]);
      if (placed === undefined || placed.plan === plan.input) return placed && plan;
      return { ...plan, input: placed.plan, condition: placed.expressions[0]!, fields: placed.plan.fields };
    }
    case 'project': {
      const placed = placeIn(context, plan.input, plan.expressions);
      if (placed === undefined || placed.plan === plan.input) return placed && plan;
      return { ...plan, input: placed.plan, expressions: placed.expressions };
    }
    default: {
      let wrong = false;
      const mapped = mapInputs(plan, (input) => {
        const placed = placeWatermarks(context, input);
        wrong ||= placed === undefined;
        return placed ?? input;
      });
      return wrong ? undefined : mapped;
    }
  }
}

interface Placed {
  readonly plan: Plan;
  readonly expressions: readonly Expr[];
}

function placeIn(context: Context, input: Plan, expressions: readonly Expr[]): Placed | undefined {
  let plan = placeWatermarks(context, input);
  const place = (expr: Expr): Expr => {
    if (expr.kind !== 'call' || expr.name !== NAME) return mapOperands(expr, place);
    const rowtime = expr.arguments[0] as ColumnExpr;
    const added = plan && withWatermark(plan, rowtime.index);
    if (added === undefined) {
      const help = 'ask for it in a query over the table that declares WATERMARK FOR, below joins, windows and groups';
      const message = `${NAME} takes the rowtime of a table, '${rowtime.name}' is none here`;
      if (plan !== undefined) mistake(context, 'invalid-query', message, expr.span ?? { start: 0, end: 0 }, { help });
      plan = undefined;
      return expr;
    }
    plan = added;
    const last = added.fields.length - 1;
    return column(last, added.fields[last]!, expr.span);
  };
  const placed = expressions.map(place);
  return plan && { plan, expressions: placed };
}

/** The plan with event time as its last column, where column `index` is the rowtime. */
function withWatermark(plan: Plan, index: number): Plan | undefined {
  if (plan.fields.at(-1)?.name === COLUMN) return plan;
  switch (plan.kind) {
    case 'watermark': {
      if (plan.rowtime !== index) return undefined;
      const current: Field = { name: COLUMN, type: withNullable(plan.fields[index]!.type, true) };
      return { ...plan, current: true, fields: [...plan.input.fields, current] };
    }
    case 'filter': {
      const input = withWatermark(plan.input, index);
      return input && { ...plan, input, fields: [...plan.fields, input.fields.at(-1)!] };
    }
    case 'project': {
      const expr = plan.expressions[index];
      const input = expr?.kind === 'column' ? withWatermark(plan.input, expr.index) : undefined;
      if (input === undefined) return undefined;
      const field = input.fields.at(-1)!;
      const expressions = [...plan.expressions, column(input.fields.length - 1, field)];
      return { ...plan, input, expressions, fields: [...plan.fields, field] };
    }
    default:
      return undefined;
  }
}
