import type { Span } from '../diagnostics/diagnostic.ts';
import { oneOf } from '../diagnostics/suggest.ts';
import { aggregateFunctions } from '../functions/aggregates/index.ts';
import type { Argument, JsonOptions, ScalarFunction } from '../functions/define.ts';
import { call, literal } from '../plan/build.ts';
import type { CallExpr, Expr } from '../plan/expr.ts';
import type { Call, Expression, JsonBehaviour } from '../syntax/ast.ts';
import { resolveCast } from '../types/cast.ts';
import { isDatetime, isInterval, isNumeric } from '../types/coerce.ts';
import { type Scalar, type, typeText } from '../types/data-type.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { aggregateCall, groupingCall } from './aggregate.ts';
import { aggregates } from './aggregate-names.ts';
import { areWrittenRows, compareWrittenRows } from './compare-rows.ts';
import { type Context, didYouMean, mistake, unsupported } from './context.ts';
import { analyzeCondition, analyzeExpression } from './expression.ts';
import { foreignFunctions } from './foreign-functions.ts';
import { isGroupWindowBound } from './group-window.ts';
import { containsAggregate } from './grouping.ts';
import { lazyFunctions } from './lazy-functions.ts';
import { rowNumber } from './row-number.ts';
import type { Scope } from './scope.ts';
import { resolveType } from './type.ts';

/** Whether a call is one of an aggregate or window function, which give one value for several rows. */
export function isAggregateCall(node: Call): boolean {
  return node.over !== undefined || aggregates.has(nameOf(node));
}

function nameOf(node: Call): string {
  return node.name.parts.length === 1 ? node.name.parts[0]!.name.toUpperCase() : '';
}

export function callFunction(context: Context, scope: Scope, node: Call): Expr | undefined {
  const name = nameOf(node);
  if (isAggregateCall(node)) return aggregate(context, scope, node, name);
  const lazy = lazyFunctions.get(name);
  if (!isFunction(context, node)) return unknownFunction(context, scope, node);
  const args = node.arguments.map((argument) => analyzeArgument(context, scope, argument));
  if (lazy !== undefined) {
    return args.every((arg) => arg !== undefined) ? lazy(context, args, node) : undefined;
  }
  const definition = context.functions.get(name)!;
  for (const [what, clause] of [
    ['DISTINCT', node.distinct],
    ['ORDER BY', node.orderBy],
    ['FILTER', node.filter],
    ['WITHIN GROUP', node.withinGroup],
  ] as const) {
    if (clause) return mistake(context, 'invalid-argument', `${name} is no aggregate: it takes no ${what}`, node.span);
  }
  const json = jsonOptions(context, scope, node, args.length);
  if (json === undefined || !args.every((arg) => arg !== undefined)) return undefined;
  return resolveCall(context, definition, [...args, ...json.defaults], node.span, json.options, node);
}

/** Whether a call that is none of an aggregate names a function that there is. */
export function isFunction(context: Context, node: Call): boolean {
  const name = nameOf(node);
  if (lazyFunctions.has(name)) return true;
  const definition = context.functions.get(name);
  return definition !== undefined && (definition.callable !== false || keywordForms.has(name));
}

/** Calls whose names stand for operators too. */
const keywordForms: ReadonlySet<string> = new Set(['EXTRACT', 'TRIM', 'OVERLAY', 'POSITION', 'FLOOR', 'CEIL', 'ROW']);

/** An operator or function of the given name over typed arguments. */
export function applyFunction(context: Context, name: string, args: readonly Expr[], span: Span): Expr | undefined {
  const definition = context.functions.get(name);
  if (definition === undefined) return unsupported(context, `${name} is`, span);
  if (name === '=' && areWrittenRows(args)) {
    return compareWrittenRows(args, (left, right) => applyFunction(context, '=', [left, right], span), span);
  }
  if (equalities.has(name) && !isReadableTime(context, args, span)) return undefined;
  return resolveCall(context, definition, args, span);
}

const equalities: ReadonlySet<string> = new Set(['=', '<>', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM']);

/** Flink reads a constant text that is compared with a date or time before anything runs; false after a report. */
function isReadableTime(context: Context, args: readonly Expr[], span: Span): boolean {
  const time = args.find(({ type: t }) => isDatetime(t));
  const text = args.find((arg) => arg.kind === 'literal' && typeof arg.value === 'string');
  if (time === undefined || text?.kind !== 'literal') return true;
  const cast = resolveCast(text.type, time.type, context.session.timeZone);
  try {
    cast?.evaluate(text.value as never);
    return true;
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    mistake(context, 'invalid-literal', `'${text.value}' is not a ${typeText(time.type, false)}`, text.span ?? span, {
      help: `write it as '${time.type.kind === 'DATE' ? 'yyyy-MM-dd' : time.type.kind === 'TIME' ? 'HH:mm:ss' : 'yyyy-MM-dd HH:mm:ss'}'`,
    });
    return false;
  }
}

function resolveCall(
  context: Context,
  definition: ScalarFunction,
  args: readonly Expr[],
  span: Span,
  json?: JsonOptions,
  node?: Call,
): CallExpr | undefined {
  const resolved = definition.resolve(args.map(argumentOf), context.session, json);
  if ('mismatch' in resolved) {
    const at = resolved.argument === undefined ? span : (args[resolved.argument]?.span ?? span);
    mistake(context, 'invalid-argument', resolved.mismatch, at, help(resolved.help, definition));
    return undefined;
  }
  const deterministic = definition.deterministic !== false;
  const expr = call(definition.name, resolved, args, deterministic, context.session.timeZone, span);
  return node?.json === undefined ? expr : { ...expr, clauses: JSON.stringify(json) };
}

function help(text: string | undefined, definition: ScalarFunction): { help?: string } {
  if (text !== undefined) return { help: text };
  return definition.syntax.length === 0 ? {} : { help: `write ${definition.syntax.join(' or ')}` };
}

/** Functions whose text JSON_OBJECT and JSON_ARRAY take as it is. */
const jsonMakers: ReadonlySet<string> = new Set(['JSON_OBJECT', 'JSON_ARRAY', 'JSON']);

function argumentOf(expr: Expr): Argument {
  if (expr.kind === 'call' && jsonMakers.has(expr.name)) return { type: expr.type, json: true };
  if (expr.kind !== 'literal') return { type: expr.type };
  if (expr.keyword !== undefined) return { type: expr.type, symbol: expr.keyword };
  return { type: expr.type, literal: expr.value };
}

/** The same, where an array of constants is a constant too. */
export function constantOf(expr: Expr): Argument {
  if (expr.kind !== 'call' || expr.name !== 'ARRAY') return argumentOf(expr);
  const items: Scalar[] = [];
  for (const item of expr.arguments) {
    if (item.kind !== 'literal' || item.keyword !== undefined) return argumentOf(expr);
    items.push(item.value);
  }
  return { type: expr.type, literal: items };
}

/** Keywords such as YEAR are arguments too. */
function analyzeArgument(context: Context, scope: Scope, node: Expression): Expr | undefined {
  if (node.kind !== 'symbol') return analyzeExpression(context, scope, node);
  return { ...literal(type.null(), null, node.span), keyword: node.name };
}

/** Functions that ask which columns a row is grouped by. */
const groupingFunctions: ReadonlySet<string> = new Set(['GROUPING', 'GROUPING_ID', 'GROUP_ID']);

function aggregate(context: Context, scope: Scope, node: Call, name: string): Expr | undefined {
  if (name === 'ROW_NUMBER' && node.over !== undefined && context.rowNumbers !== undefined) {
    return rowNumber(context, scope, context.rowNumbers, node);
  }
  if (context.groups !== undefined && groupingFunctions.has(name)) {
    return groupingCall(context, context.groups, node, name);
  }
  if (node.over !== undefined && !context.aggregatesReported) {
    if (context.overs !== undefined) {
      return wrongAggregate(context, node, name) ? undefined : context.overs.callOf(context, scope, node, name);
    }
    return mistake(context, 'invalid-query', 'OVER stands among the items of SELECT alone', node.span, {
      help: 'take the value in a query of its own, and use it in one around that',
    });
  }
  if (isGroupWindowBound(name) && context.groups?.window === true) return context.groups.boundOf(context, node, name);
  const inside: Context = {
    ...context,
    aggregatesReported: true,
    groups: undefined,
    subqueries: context.groups === undefined ? context.subqueries : context.rowSubqueries,
  };
  const values: Expr[] = [];
  for (const argument of node.arguments) {
    if (argument.kind === 'reference' && argument.parts.length === 0) continue;
    const value = analyzeArgument(inside, scope, argument);
    if (value !== undefined) values.push(value);
    if (value === undefined || !/^(SUM|AVG)$/.test(name) || isNumeric(value.type) || isInterval(value.type)) continue;
    return mistake(
      context,
      'invalid-argument',
      `${name} takes a number, found ${typeText(value.type, false)}`,
      argument.span,
    );
  }
  const filter = node.filter && analyzeCondition({ ...inside, decides: 'true' }, scope, node.filter, 'FILTER');
  if (wrongAggregate(context, node, name)) return undefined;
  if (node.over === undefined && node.arguments.some(containsAggregate)) {
    return mistake(context, 'invalid-query', `${name} of an aggregate: aggregates cannot be nested`, node.span, {
      help: 'aggregate in a query of its own, and aggregate that in one around',
    });
  }
  if (context.groups !== undefined && node.over === undefined && aggregateFunctions.has(name)) {
    const stars = node.arguments.filter((argument) => argument.kind === 'reference' && argument.parts.length === 0);
    if (values.length + stars.length < node.arguments.length) return undefined;
    if (node.filter !== undefined && filter === undefined) return undefined;
    return aggregateCall(context, context.groups, node, name, values, filter);
  }
  if (context.aggregatesReported) return undefined;
  if (isGroupWindowBound(name)) {
    const help = 'write GROUP BY TUMBLE(…), or group by window_start and window_end of TABLE(TUMBLE(…))';
    return mistake(context, 'invalid-query', `${name} is of no window that is grouped by`, node.span, { help });
  }
  if (aggregateFunctions.has(name)) {
    const help = 'aggregate in a query of its own, and use the value in one around that';
    return mistake(context, 'invalid-query', `${name} cannot stand here: rows are not grouped yet`, node.span, {
      help,
    });
  }
  return unsupported(context, `aggregate function ${name} is`, node.span);
}

/** COUNT takes `*` or values, the other common ones exactly one value. */
function wrongAggregate(context: Context, node: Call, name: string): boolean {
  const star = node.arguments.some((argument) => argument.kind === 'reference' && argument.parts.length === 0);
  const single = /^(SUM|AVG|MIN|MAX)$/.test(name);
  if (star && name !== 'COUNT') {
    mistake(context, 'invalid-argument', `only COUNT takes '*', not ${name}`, node.span);
  } else if (name === 'COUNT' && node.arguments.length === 0) {
    mistake(context, 'invalid-argument', 'COUNT takes 1 or more arguments, found none', node.span, {
      help: 'write COUNT(*)',
    });
  } else if (single && node.arguments.length !== 1) wrongCount(context, name, ['1'], node);
  else return false;
  return true;
}

/** Reports the name, and of the arguments the mistakes that they have whatever function is meant. */
function unknownFunction(context: Context, scope: Scope, node: Call): undefined {
  for (const argument of node.arguments) {
    const isValue = !['descriptor', 'named-argument', 'symbol', 'table-argument'].includes(argument.kind);
    if (isValue && !(argument.kind === 'reference' && argument.star)) analyzeExpression(context, scope, argument);
  }
  const written = node.name.parts.map((part) => part.name).join('.');
  const callable = [...context.functions].filter(([, f]) => f.callable !== false).map(([name]) => name);
  const names = [...callable, ...lazyFunctions.keys(), ...aggregates];
  const flink = foreignFunctions.get(written.toUpperCase());
  const help = flink === undefined ? "'cryptopipe functions' lists them all" : `in Flink: ${flink}`;
  const extra = flink === undefined ? didYouMean(written, names, node.name.span, help, 'word') : { help };
  return mistake(context, 'unknown-function', `unknown function '${written}'`, node.name.span, extra);
}

/** The clauses of JSON functions; their DEFAULT expressions become arguments behind the written ones. */
function jsonOptions(context: Context, scope: Scope, node: Call, written: number) {
  const { json } = node;
  const defaults: Expr[] = [];
  if (json === undefined) return { options: undefined, defaults };
  let ok = true;
  const behaviour = (given: JsonBehaviour | undefined) => {
    if (given === undefined || typeof given === 'string') return given;
    const expr = analyzeExpression(context, scope, given.default);
    if (expr === undefined) ok = false;
    else defaults.push(expr);
    return { argument: written + defaults.length - 1 };
  };
  const onEmpty = behaviour(json.onEmpty);
  const onError = behaviour(json.onError);
  const returning = json.returning && resolveType(context, json.returning);
  if (json.returning !== undefined && returning === undefined) ok = false;
  if (!ok) return undefined;
  const options: JsonOptions = {
    ...(returning === undefined ? {} : { returning }),
    ...(json.wrapper === undefined ? {} : { wrapper: json.wrapper }),
    ...(onEmpty === undefined ? {} : { onEmpty }),
    ...(onError === undefined ? {} : { onError }),
    ...(json.onNull === undefined ? {} : { onNull: json.onNull }),
  };
  return { options, defaults };
}

/** "takes 2 arguments, found 3". */
export function wrongCount(
  context: Context,
  name: string,
  counts: readonly string[],
  node: Call,
  help?: string,
): undefined {
  const plural = counts.length === 1 && counts[0] === '1' ? '' : 's';
  const message = `${name} takes ${oneOf(counts).replaceAll("'", '')} argument${plural}, found ${node.arguments.length}`;
  return mistake(context, 'invalid-argument', message, node.span, help === undefined ? {} : { help });
}
