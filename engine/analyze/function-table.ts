import { timeAttributesOf } from '../plan/event-time.ts';
import type { Plan } from '../plan/plan.ts';
import type { Expression, FunctionTable } from '../syntax/ast.ts';
import { isTimestamp } from '../types/coerce.ts';
import { type Field, type } from '../types/data-type.ts';
import { wrongCount } from './call.ts';
import { type Context, didYouMean, mistake, unsupported } from './context.ts';
import { analyzeExpression } from './expression.ts';
import { analyzeFrom } from './from.ts';
import { analyzeQuery } from './query.ts';
import { type Relation, unknownRelation } from './relation.ts';
import type { Scope } from './scope.ts';

/** Window functions and how many arguments they take: table, column, sizes, and perhaps an offset. */
const windowFunctions: ReadonlyMap<string, readonly number[]> = new Map([
  ['TUMBLE', [3, 4]],
  ['HOP', [4, 5]],
  ['CUMULATE', [4, 5]],
  ['SESSION', [3]],
]);

/** `TABLE(f(…))`: not supported yet; the columns of window functions are known, so that the rest can be analyzed. */
export function analyzeFunctionTable(context: Context, node: FunctionTable, outer: Scope | undefined): Relation {
  const { call } = node;
  const name = call.name.parts.map((part) => part.name.toUpperCase()).join('.');
  if (!windowFunctions.has(name)) {
    const scope: Scope = outer ?? { tables: [] };
    for (const argument of call.arguments) {
      if (argument.kind !== 'table-argument' && argument.kind !== 'descriptor' && argument.kind !== 'named-argument') {
        analyzeExpression(context, scope, argument);
      }
    }
    const extra = didYouMean(
      name,
      windowFunctions.keys(),
      call.name.span,
      'user-defined table functions are not supported yet',
      'word',
    );
    mistake(context, 'unknown-function', `unknown table function '${name}'`, call.name.span, extra);
    return unknownRelation;
  }
  const args = call.arguments.map((argument) => (argument.kind === 'named-argument' ? argument.value : argument));
  const input = analyzeTableArgument(context, args[0], outer);
  const counts = windowFunctions.get(name)!;
  if (!counts.includes(args.length)) wrongCount(context, name, counts.map(String), call);
  if (name !== 'TUMBLE') unsupported(context, `windows (${name}) are`, call.name.span);
  if (input === undefined || input.open) return unknownRelation;
  checkDescriptor(context, args, input);
  const window: Field[] = [
    { name: 'window_start', type: type.timestamp(3, false) },
    { name: 'window_end', type: type.timestamp(3, false) },
    { name: 'window_time', type: type.timestamp(3, false) },
  ];
  const plan =
    name === 'TUMBLE' && input.plan !== undefined ? tumble(context, call, args, input.plan, window) : undefined;
  return { fields: [...input.fields, ...window], plan };
}

function tumble(
  context: Context,
  call: FunctionTable['call'],
  args: readonly Expression[],
  input: Plan,
  added: readonly Field[],
): Plan | undefined {
  const [, descriptor, size, offset] = args;
  if (descriptor?.kind !== 'descriptor') {
    return mistake(context, 'invalid-argument', 'TUMBLE takes a DESCRIPTOR second', descriptor?.span ?? call.span);
  }
  const time = input.fields.findIndex((field) => field.name === descriptor.columns[0]?.name);
  const length = size && lengthOf(context, size);
  const shift = offset === undefined ? 0n : lengthOf(context, offset);
  if (time < 0 || length === undefined || shift === undefined) return undefined;
  const attribute = timeAttributesOf(input)[time];
  const { name, type: t } = input.fields[time]!;
  // Reported by checkDescriptor.
  if (!isTimestamp(t)) return undefined;
  if (attribute === undefined) {
    return mistake(context, 'invalid-query', `a window takes a time attribute, '${name}' is none`, descriptor.span, {
      help: `declare WATERMARK FOR ${name} AS … in the table, and pass the column on as it is`,
    });
  }
  if (attribute === 'processing' || t.kind !== 'TIMESTAMP') {
    const what = attribute === 'processing' ? 'windows of processing time are' : 'windows over TIMESTAMP_LTZ are';
    return unsupported(context, what, descriptor.span);
  }
  if (length <= 0n) return mistake(context, 'invalid-argument', 'a window must be longer than nothing', size!.span);
  const window = { kind: 'tumble', size: length, offset: shift } as const;
  return { kind: 'window', input, time, window, fields: [...input.fields, ...added] };
}

/** A constant interval in microseconds. */
function lengthOf(context: Context, node: Expression): bigint | undefined {
  const expr = analyzeExpression(context, { tables: [] }, node);
  if (expr === undefined) return undefined;
  if (expr.kind !== 'literal' || expr.type.kind !== 'INTERVAL_DAY_TIME' || expr.value === null) {
    return mistake(context, 'invalid-argument', 'a window takes a constant interval of days to seconds', node.span);
  }
  return (expr.value as bigint) * 1000n;
}

function analyzeTableArgument(
  context: Context,
  argument: Expression | undefined,
  outer: Scope | undefined,
): Relation | undefined {
  if (argument?.kind === 'subquery') return analyzeQuery(context, argument.query, outer);
  if (argument?.kind !== 'table-argument') {
    if (argument !== undefined) {
      mistake(context, 'invalid-argument', 'a window function takes a table first', argument.span, {
        help: 'write TABLE name',
      });
    }
    return undefined;
  }
  if (argument.table.kind === 'query') return analyzeQuery(context, argument.table, outer);
  const table = { kind: 'table', name: argument.table, hints: [], span: argument.table.span } as const;
  const from = analyzeFrom(context, table, outer);
  const [only] = from.tables;
  return { fields: only!.fields, plan: from.plan, open: only!.open };
}

function checkDescriptor(context: Context, args: readonly Expression[], input: Relation): void {
  for (const argument of args) {
    if (argument.kind !== 'descriptor') continue;
    for (const column of argument.columns) {
      const names = input.fields.map((field) => field.name);
      const field = input.fields.find((f) => f.name === column.name);
      if (field === undefined) {
        mistake(
          context,
          'unknown-column',
          `no column '${column.name}' here`,
          column.span,
          didYouMean(column.name, names, column.span),
        );
      } else if (field.type !== undefined && !field.type.kind.startsWith('TIMESTAMP')) {
        mistake(
          context,
          'type-mismatch',
          `DESCRIPTOR takes a TIMESTAMP column, '${column.name}' is ${field.type.kind}`,
          column.span,
        );
      }
    }
  }
}
