import { caseWhen, castTo, literal, or } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import type { Case } from '../syntax/ast.ts';
import { commonType } from '../types/coerce.ts';
import { type, typeText } from '../types/data-type.ts';
import { applyFunction } from './call.ts';
import { type Context, mistake } from './context.ts';
import { analyzeCondition, analyzeExpression } from './expression.ts';
import type { Scope } from './scope.ts';

/** Both forms of CASE; the results are cast to their common type, a missing ELSE is NULL. */
export function caseExpression(context: Context, scope: Scope, node: Case): Expr | undefined {
  const operand = node.operand && analyzeExpression(context, scope, node.operand);
  let ok = node.operand === undefined || operand !== undefined;
  const whens: Expr[] = [];
  const results: Expr[] = [];
  for (const { when, result } of node.whens) {
    const tests = when.map((test) => {
      if (node.operand === undefined) return analyzeCondition({ ...context, decides: 'true' }, scope, test, 'WHEN');
      const value = analyzeExpression(context, scope, test);
      return operand && value && applyFunction(context, '=', [operand, value], test.span);
    });
    const then = analyzeExpression(context, scope, result);
    if (then === undefined || !tests.every((test) => test !== undefined)) {
      ok = false;
      continue;
    }
    whens.push(tests.length === 1 ? tests[0]! : or(tests, node.span));
    results.push(then);
  }
  const otherwise = node.otherwise ? analyzeExpression(context, scope, node.otherwise) : literal(type.null(), null);
  if (!ok || otherwise === undefined) return undefined;
  const all = [...results, otherwise];
  const common = commonResult(context, all, 'the results of CASE', node.span);
  if (common === undefined) return undefined;
  const { timeZone } = context.session;
  const cast = all.map((result) => castTo(result, common, timeZone));
  const branches = whens.map((when, i) => ({ when, result: cast[i]! }));
  return caseWhen(branches, cast.at(-1)!, node.span);
}

/** The type that all of `results` can have; reports where there is none. */
export function commonResult(
  context: Context,
  results: readonly Expr[],
  what: string,
  span: Expr['span'],
  typeOf = commonType,
) {
  const common = typeOf(results.map((result) => result.type));
  const at = span ?? { start: 0, end: 0 };
  if (common === undefined) {
    const first = results.find((result) => result.type.kind !== 'NULL')!;
    const odd = results.find((result) => commonType([first.type, result.type]) === undefined) ?? first;
    const message = `${what} have no common type: ${typeText(first.type, false)} and ${typeText(odd.type, false)}`;
    return mistake(context, 'type-mismatch', message, odd.span ?? at);
  }
  if (common.kind === 'NULL') {
    return mistake(context, 'type-mismatch', `${what} are all NULL`, at, { help: 'write CAST(NULL AS type)' });
  }
  return common;
}
