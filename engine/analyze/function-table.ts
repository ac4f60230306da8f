import type { WindowShape } from '../plan/plan.ts';
import type { Expression, FunctionTable, Identifier } from '../syntax/ast.ts';
import { typeText } from '../types/data-type.ts';
import { wrongCount } from './call.ts';
import { type Context, didYouMean, mistake } from './context.ts';
import { analyzeExpression } from './expression.ts';
import { analyzeFrom } from './from.ts';
import { analyzeQuery } from './query.ts';
import { type Relation, unknownRelation } from './relation.ts';
import type { Scope } from './scope.ts';
import { windowFields, windowLength, windowPlan } from './window-plan.ts';

/** Parameters of window functions after the table, in order; those in brackets may be left out. */
const windowFunctions: ReadonlyMap<string, readonly string[]> = new Map([
  ['TUMBLE', ['TIMECOL', 'SIZE', '[OFFSET]']],
  ['HOP', ['TIMECOL', 'SLIDE', 'SIZE', '[OFFSET]']],
  ['CUMULATE', ['TIMECOL', 'STEP', 'SIZE', '[OFFSET]']],
  ['SESSION', ['TIMECOL', 'GAP']],
]);

/** How a window function is called: 'TUMBLE(TABLE t, DESCRIPTOR(time), size [, offset])'. */
function syntaxOf(name: string): string {
  const [, ...lengths] = windowFunctions.get(name)!;
  const rest = lengths.map((each) => (each.startsWith('[') ? ` [, ${each.slice(1)}` : `, ${each}`).toLowerCase());
  return `${name}(TABLE t, DESCRIPTOR(time)${rest.join('')})`;
}

/** `TABLE(f(…))`: the table's columns and the bounds of the windows that its rows are in. */
export function analyzeFunctionTable(context: Context, node: FunctionTable, outer: Scope | undefined): Relation {
  const { call } = node;
  const name = call.name.parts.map((part) => part.name.toUpperCase()).join('.');
  const parameters = windowFunctions.get(name);
  if (parameters === undefined) return unknownFunction(context, call, name, outer);
  const args = argumentsOf(context, call, name, ['DATA', ...parameters]);
  const data = args?.get('DATA');
  const input = analyzeTableArgument(context, data, outer);
  if (args === undefined || input === undefined || input.open) return unknownRelation;
  const descriptor = args.get('TIMECOL');
  if (descriptor === undefined) return unknownRelation;
  if (descriptor.kind !== 'descriptor' || descriptor.columns.length !== 1) {
    const found = `${name} takes a DESCRIPTOR of one column second`;
    mistake(context, 'invalid-argument', found, descriptor.span, { help: 'write DESCRIPTOR(column)' });
    return unknownRelation;
  }
  const time = checkDescriptor(context, descriptor.columns[0]!, input);
  const written = data?.kind === 'table-argument' ? (data.partitionBy ?? []) : [];
  // Several columns stand in brackets.
  const partition = written.flatMap((key) => (key.kind === 'row' && !key.explicit ? key.items : [key]));
  if (name !== 'SESSION' && partition.length > 0) {
    const help = 'the windows of all rows are the same: group by the column beside window_start and window_end';
    mistake(context, 'invalid-argument', `${name} takes no PARTITION BY`, partition[0]!.span, { help });
    return unknownRelation;
  }
  const keys = partition.map((key) => columnOf(context, key, input));
  const shape = windowShape(context, name, args, keys);
  const plan =
    input.plan === undefined || time === undefined || shape === undefined
      ? undefined
      : windowPlan(context, input.plan, time, shape, descriptor.span);
  return { fields: [...input.fields, ...windowFields(input.fields[time ?? -1]?.type)], plan };
}

function unknownFunction(
  context: Context,
  call: FunctionTable['call'],
  name: string,
  outer: Scope | undefined,
): Relation {
  const scope: Scope = outer ?? { tables: [] };
  const [first] = call.arguments;
  if (first?.kind === 'call' && windowFunctions.has(first.name.parts[0]!.name.toUpperCase())) {
    const help = `a window function stands in TABLE(${first.name.parts[0]!.name}(…))`;
    mistake(context, 'unknown-function', `unknown table function '${name}'`, call.name.span, { help });
    return unknownRelation;
  }
  for (const argument of call.arguments) {
    if (argument.kind !== 'table-argument' && argument.kind !== 'descriptor' && argument.kind !== 'named-argument') {
      analyzeExpression(context, scope, argument);
    }
  }
  const help = 'user-defined table functions are not supported yet';
  const extra = didYouMean(name, windowFunctions.keys(), call.name.span, help, 'word');
  mistake(context, 'unknown-function', `unknown table function '${name}'`, call.name.span, extra);
  return unknownRelation;
}

/** The arguments by the names of their parameters; undefined after a report. */
function argumentsOf(
  context: Context,
  call: FunctionTable['call'],
  name: string,
  parameters: readonly string[],
): ReadonlyMap<string, Expression> | undefined {
  const names = parameters.map((parameter) => parameter.replaceAll(/[[\]]/g, ''));
  const found = new Map<string, Expression>();
  for (const [i, argument] of call.arguments.entries()) {
    if (argument.kind !== 'named-argument') {
      if (i < names.length) found.set(names[i]!, argument);
      continue;
    }
    const parameter = argument.name.name.toUpperCase();
    if (!names.includes(parameter)) {
      const extra = didYouMean(parameter, names, argument.name.span, `its parameters: ${names.join(', ')}`, 'word');
      mistake(
        context,
        'invalid-argument',
        `${name} has no parameter '${argument.name.name}'`,
        argument.name.span,
        extra,
      );
      return undefined;
    }
    found.set(parameter, argument.value);
  }
  const required = parameters.filter((parameter) => !parameter.startsWith('['));
  if (call.arguments.length <= names.length && required.every((each) => found.has(each))) return found;
  const counts = required.length === names.length ? [required.length] : [required.length, names.length];
  wrongCount(context, name, counts.map(String), call, `write ${syntaxOf(name)}`);
  return undefined;
}

function columnOf(context: Context, key: Expression, input: Relation): number {
  const scope = { tables: [{ name: undefined, fields: input.fields, offset: 0, open: false }] };
  const expr = analyzeExpression(context, scope, key);
  if (expr === undefined) return -1;
  if (expr.kind !== 'column') mistake(context, 'invalid-argument', 'PARTITION BY takes columns here', key.span);
  return expr.kind === 'column' ? expr.index : -1;
}

function windowShape(
  context: Context,
  name: string,
  args: ReadonlyMap<string, Expression>,
  keys: readonly number[],
): WindowShape | undefined {
  const lengths = new Map<string, bigint>();
  for (const [parameter, node] of args) {
    if (parameter === 'DATA' || parameter === 'TIMECOL') continue;
    const length = windowLength(context, node, parameter !== 'OFFSET');
    if (length === undefined) return undefined;
    lengths.set(parameter, length);
  }
  const of = (parameter: string) => lengths.get(parameter) ?? 0n;
  const size = of('SIZE');
  const offset = of('OFFSET');
  const multiple = (part: string, step: bigint) => {
    if (size % step === 0n) return true;
    const message = `${name} takes a SIZE that is a multiple of its ${part}`;
    const help = step > size && size > 0n ? `the ${part} stands before the SIZE: ${syntaxOf(name)}` : undefined;
    mistake(context, 'invalid-argument', message, args.get('SIZE')!.span, help === undefined ? {} : { help });
    return false;
  };
  switch (name) {
    case 'TUMBLE':
      return { kind: 'tumble', size, offset };
    case 'HOP':
      return multiple('SLIDE', of('SLIDE')) ? { kind: 'hop', slide: of('SLIDE'), size, offset } : undefined;
    case 'CUMULATE':
      return multiple('STEP', of('STEP')) ? { kind: 'cumulate', step: of('STEP'), size, offset } : undefined;
    default:
      return keys.includes(-1) ? undefined : { kind: 'session', gap: of('GAP'), keys };
  }
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

/** The column that a DESCRIPTOR names; undefined after a report. */
function checkDescriptor(context: Context, column: Identifier, input: Relation): number | undefined {
  const index = input.fields.findIndex((field) => field.name === column.name);
  if (index < 0) {
    const names = input.fields.map((field) => field.name);
    const extra = didYouMean(column.name, names, column.span);
    return mistake(context, 'unknown-column', `no column '${column.name}' here`, column.span, extra);
  }
  const { type } = input.fields[index]!;
  if (type === undefined || type.kind.startsWith('TIMESTAMP')) return index;
  const message = `DESCRIPTOR takes a TIMESTAMP column, '${column.name}' is ${typeText(type, false)}`;
  const help = 'name the column that WATERMARK FOR declares';
  return mistake(context, 'type-mismatch', message, column.span, { help });
}
