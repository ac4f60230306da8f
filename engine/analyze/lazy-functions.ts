import { caseWhen, castTo, isNull, literal } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import type { Call } from '../syntax/ast.ts';
import { branchType, coalescedType, isText } from '../types/coerce.ts';
import { type, withNullable } from '../types/data-type.ts';
import { applyFunction, wrongCount } from './call.ts';
import { commonResult } from './case.ts';
import type { Context } from './context.ts';
import { currentWatermark } from './current-watermark.ts';
import { illegalNull, requireBoolean } from './expression.ts';

type LazyFunction = (context: Context, args: readonly Expr[], node: Call) => Expr | undefined;

/** Functions that do not evaluate all of their arguments; they are forms of CASE. */
export const lazyFunctions: ReadonlyMap<string, LazyFunction> = new Map<string, LazyFunction>([
  ['COALESCE', coalesce],
  ['IFNULL', ifNull],
  ['IF', ifThenElse],
  ['NULLIF', nullIf],
  ['CURRENT_WATERMARK', currentWatermark],
]);

/** The first value that is not NULL. */
function coalesce(context: Context, args: readonly Expr[], node: Call): Expr | undefined {
  if (args.length === 0) return wrongCount(context, 'COALESCE', ['1 or more'], node);
  const common = commonResult(context, args, 'the arguments of COALESCE', node.span, coalescedType);
  if (common === undefined) return undefined;
  const values = args
    .filter((arg, i) => arg.type.kind !== 'NULL' || i === args.length - 1)
    .map((arg) => castTo(arg, common, context.session.timeZone));
  const last = values.at(-1)!;
  const before = values.slice(0, -1);
  if (before.length === 0) return { ...last, span: node.span };
  const nullable = values.every((value) => value.type.nullable);
  const branches = before.map((value) => ({ when: isNull(value, true, value.span), result: value }));
  return { ...caseWhen(branches, last, node.span), type: withNullable(common, nullable) };
}

function ifNull(context: Context, args: readonly Expr[], node: Call): Expr | undefined {
  if (args.length !== 2) return wrongCount(context, 'IFNULL', ['2'], node);
  const [value] = args as [Expr, Expr];
  const merged = coalesce(context, args, node);
  // A text that is never NULL is the answer, in its own length.
  return merged === undefined || value.type.nullable || !isText(value.type) || !isText(merged.type)
    ? merged
    : { ...value, span: node.span };
}

function ifThenElse(context: Context, args: readonly Expr[], node: Call): Expr | undefined {
  if (args.length !== 3) return wrongCount(context, 'IF', ['3'], node);
  const [when, then, otherwise] = args as [Expr, Expr, Expr];
  const untyped = [1, 2].find((i) => args[i]!.type.kind === 'NULL');
  if (untyped !== undefined) return illegalNull(context, node.arguments[untyped]!);
  const condition = requireBoolean(context, when, node.arguments[0]!, 'IF');
  const common = commonResult(context, [then, otherwise], 'the results of IF', node.span, branchType);
  if (condition === undefined || common === undefined) return undefined;
  const { timeZone } = context.session;
  const branches = [{ when: condition, result: castTo(then, common, timeZone) }];
  const result = caseWhen(branches, castTo(otherwise, common, timeZone), node.span);
  // A condition that may be NULL makes the type nullable in Flink, though the third argument is the answer then.
  return condition.type.nullable ? { ...result, type: withNullable(result.type, true) } : result;
}

/** NULL where both are equal, else the first. */
function nullIf(context: Context, args: readonly Expr[], node: Call): Expr | undefined {
  if (args.length !== 2) return wrongCount(context, 'NULLIF', ['2'], node);
  const [value, other] = args as [Expr, Expr];
  const equal = applyFunction(context, '=', [value, other], node.span);
  if (equal === undefined) return undefined;
  const nothing = literal(value.type.kind === 'NULL' ? type.null() : value.type, null);
  return caseWhen([{ when: equal, result: nothing }], value, node.span);
}
