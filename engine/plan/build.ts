import type { Span } from '../diagnostics/diagnostic.ts';
import { resolveCast } from '../types/cast.ts';
import type { DataType, Field, Scalar } from '../types/data-type.ts';
import { sameType, type, withNullable } from '../types/data-type.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import type {
  CallExpr,
  CaseExpr,
  CastExpr,
  ColumnExpr,
  Expr,
  IsNullExpr,
  Literal,
  LogicalExpr,
  NotExpr,
} from './expr.ts';

/** A constant; NULL makes the type nullable. */
export function literal(t: DataType, value: Scalar, span?: Span): Literal {
  return { kind: 'literal', value, type: withNullable(t, value === null || t.nullable), span };
}

export function column(index: number, field: Field, span?: Span): ColumnExpr {
  return { kind: 'column', index, name: field.name, type: field.type, span };
}

export function and(operands: readonly Expr[], span?: Span): LogicalExpr {
  return { kind: 'and', operands, type: type.boolean(operands.some((o) => o.type.nullable)), span };
}

export function or(operands: readonly Expr[], span?: Span): LogicalExpr {
  return { kind: 'or', operands, type: type.boolean(operands.some((o) => o.type.nullable)), span };
}

export function not(operand: Expr, span?: Span): NotExpr {
  return { kind: 'not', operand, type: type.boolean(operand.type.nullable), span };
}

export function isNull(operand: Expr, negated: boolean, span?: Span): IsNullExpr {
  return { kind: 'is-null', operand, negated, type: type.boolean(false), span };
}

/** The results must have one type already; nullable where one of them is. */
export function caseWhen(branches: CaseExpr['branches'], otherwise: Expr, span?: Span): CaseExpr {
  const nullable = otherwise.type.nullable || branches.some(({ result }) => result.type.nullable);
  return { kind: 'case', branches, otherwise, type: withNullable(otherwise.type, nullable), span };
}

/**
 * The expression as a value of another type, nullability kept; the same object where nothing changes. The cast must
 * exist. A constant is cast at once, unless that fails: it fails when it is evaluated.
 */
export function castTo(input: Expr, to: DataType, timeZone: string, span: Span | undefined = input.span): Expr {
  const target = withNullable(to, input.type.nullable);
  if (sameType(input.type, to)) return input;
  if (input.kind === 'literal') {
    const value = castLiteral(input, to, timeZone);
    if (value !== undefined) return { kind: 'literal', value, type: target, span };
  }
  return { kind: 'cast', input, try: false, timeZone, type: target, span } satisfies CastExpr;
}

function castLiteral(input: Literal, to: DataType, timeZone: string): Scalar | undefined {
  if (input.value === null) return null;
  const cast = resolveCast(input.type, to, timeZone);
  if (cast === undefined) return undefined;
  try {
    return (cast.evaluate as (value: Scalar) => Scalar)(input.value);
  } catch (error) {
    if (error instanceof EvaluationError) return undefined;
    throw error;
  }
}

/** A call whose arguments are cast to the types it takes. */
export function call(
  name: string,
  resolved: CallExpr['call'],
  args: readonly Expr[],
  deterministic: boolean,
  timeZone: string,
  span?: Span,
): CallExpr {
  const cast = args.map((arg, i) => {
    const parameter = resolved.parameters[i];
    return parameter === undefined || parameter.kind === 'NULL' ? arg : castTo(arg, parameter, timeZone);
  });
  return { kind: 'call', name, call: resolved, arguments: cast, deterministic, type: resolved.type, span };
}
