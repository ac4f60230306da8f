import { updatesOf } from '../plan/changelog.ts';
import { timeAttributesOf } from '../plan/event-time.ts';
import type { Expr } from '../plan/expr.ts';
import { splitCondition } from '../plan/join-condition.ts';
import { lookupKeys } from '../plan/lookup-keys.ts';
import type { Join, LookupJoin, Plan, TimeAttribute } from '../plan/plan.ts';
import type { Expression, Join as JoinNode, TableReference } from '../syntax/ast.ts';
import { withNullable } from '../types/data-type.ts';
import { type Context, mistake, unsupported } from './context.ts';
import { analyzeCondition, analyzeExpression } from './expression.ts';
import { analyzeTable, type From } from './from.ts';
import { joinPlans, numberedNames } from './join.ts';
import { type Scope, scopeOf, shiftScope } from './scope.ts';

/** A table of FROM with FOR SYSTEM_TIME AS OF. */
export type VersionedReference = TableReference & { readonly systemTime: Expression };

export function isVersioned(node: JoinNode['right']): node is VersionedReference {
  return node.kind === 'table' && node.systemTime !== undefined;
}

/** `left JOIN table FOR SYSTEM_TIME AS OF left.time ON …`: each left row with the table as it is, or was, at its time. */
export function analyzeTemporalJoin(
  context: Context,
  node: JoinNode & { readonly right: VersionedReference },
  left: From,
  outer: Scope | undefined,
): From {
  const time = analyzeExpression(context, scopeOf(left, outer), node.right.systemTime);
  const attribute = time?.kind === 'column' && left.plan ? timeAttributesOf(left.plan)[time.index] : undefined;
  const known = left.plan !== undefined && time !== undefined;
  if (known && attribute === undefined) reportTime(context, node);
  const right = analyzeTable(context, node.right, attribute === 'processing' ? 'lookup' : 'source');
  const width = left.tables.reduce((n, table) => n + table.fields.length, 0);
  const shifted = { ...right, ...shiftScope(right, width) };
  const optional = node.type === 'LEFT';
  const tables = [
    ...left.tables,
    ...shifted.tables.map((table) => ({
      ...table,
      fields: table.fields.map((f) => ({ ...f, type: f.type && (optional ? withNullable(f.type, true) : f.type) })),
    })),
  ];
  const scope = scopeOf({ tables: [...left.tables, ...shifted.tables], merged: left.merged ?? [] }, outer);
  const condition = node.on && analyzeCondition(context, scope, node.on, 'ON');
  const none: From = { tables, ...(left.merged === undefined ? {} : { merged: left.merged }), plan: undefined };
  if (!checkForm(context, node)) return none;
  if (left.plan === undefined || right.plan === undefined || condition === undefined || attribute === undefined)
    return none;
  if (attribute === 'event') {
    const asOf = versionedTimes(context, node, left.plan, right.plan, time!, condition);
    if (asOf === undefined) return none;
    const type = node.type === 'LEFT' ? 'left' : 'inner';
    return { ...none, plan: { ...joinPlans(left.plan, right.plan, type, condition, node.right.span), asOf } };
  }
  return { ...none, plan: lookupPlan(context, node, left.plan, right.plan, condition) };
}

/** The event times of both sides, where the right one is a table of versions; undefined after a report. */
function versionedTimes(
  context: Context,
  { right: node }: { readonly right: VersionedReference },
  left: Plan,
  right: Plan,
  time: Expr,
  condition: Expr,
): Join['asOf'] {
  const name = node.name.parts.at(-1)!.name;
  const rowtime = timeAttributesOf(right).indexOf('event');
  const object = context.catalog.find(node.name);
  const key = object?.kind === 'table' ? object.definition.shape.primaryKey : undefined;
  if (time.kind !== 'column') return undefined;
  if (rowtime < 0 || key === undefined || object?.kind !== 'table') {
    const lacks = rowtime < 0 ? 'WATERMARK FOR its time' : 'PRIMARY KEY (…) NOT ENFORCED';
    const message = `'${name}' has no versions: a table at an event time has a PRIMARY KEY and a WATERMARK`;
    return mistake(context, 'invalid-query', message, node.name.span, { help: `declare ${lacks} in '${name}'` });
  }
  if (updatesOf(left) !== undefined || updatesOf(right) !== undefined) {
    return unsupported(context, 'a table at an event time beside rows that change is', node.systemTime.span);
  }
  const equal = splitCondition({ left, right, condition }).keys.map((pair) => pair.right);
  const keyNames = key.map((index) => object.definition.shape.columns[index]!.name);
  const named = (each: string) => equal.some((e) => e.kind === 'column' && right.fields[e.index]!.name === each);
  if (!keyNames.every(named)) {
    const message = `the join must equate the PRIMARY KEY of '${name}' (${keyNames.join(', ')})`;
    return mistake(context, 'invalid-query', message, condition.span ?? node.span, {
      help: `add ${keyNames.map((each) => `… = ${node.alias?.name.name ?? name}.${each}`).join(' AND ')} to ON`,
    });
  }
  const names = right.fields.map((field) => field.name);
  return { left: time.index, right: rowtime, key: keyNames.map((each) => names.indexOf(each)) };
}

function lookupPlan(
  context: Context,
  node: JoinNode & { readonly right: VersionedReference },
  input: Plan,
  table: Plan,
  condition: LookupJoin['condition'],
): Plan | undefined {
  const type = node.type === 'LEFT' ? 'left' : 'inner';
  const right = table.fields.map((f) => (type === 'left' ? { ...f, type: withNullable(f.type, true) } : f));
  const { fields, named } = numberedNames([...input.fields, ...right], condition);
  const plan: LookupJoin = { kind: 'lookup-join', type, input, table, condition: named, fields };
  if (lookupKeys(plan).keys.length > 0) return plan;
  return mistake(
    context,
    'invalid-query',
    'a lookup join needs an equality with a column of the table that is looked up',
    node.on?.span ?? node.right.span,
    { help: `write ON left.id = ${node.right.alias?.name.name ?? node.right.name.parts.at(-1)!.name}.id` },
  );
}

/** Reports what no join with a table at a time can be. */
function checkForm(context: Context, node: JoinNode & { readonly right: VersionedReference }): boolean {
  const name = node.right.name.parts.at(-1)!.name;
  if (node.comma || node.type === 'CROSS' || node.natural || node.using !== undefined) {
    mistake(context, 'invalid-query', `'${name}' at a time is joined by JOIN … ON`, node.right.span, {
      help: `write JOIN ${name} FOR SYSTEM_TIME AS OF … ON …`,
    });
    return false;
  }
  if (node.type === 'INNER' || node.type === 'LEFT') return true;
  mistake(
    context,
    'invalid-query',
    `${node.type} JOIN with a table at a time: its rows are only asked for those of the left`,
    node.right.span,
    { help: 'write JOIN or LEFT JOIN' },
  );
  return false;
}

function reportTime(context: Context, node: JoinNode & { readonly right: VersionedReference }): void {
  const attributes: Record<TimeAttribute, string> = {
    processing: "declare a column 'proctime AS PROCTIME()' in the left table to look up rows as they are now",
    event: 'a WATERMARK on a timestamp to see them as they were then',
  };
  mistake(
    context,
    'invalid-query',
    'FOR SYSTEM_TIME AS OF takes a time attribute of the table on the left',
    node.right.systemTime.span,
    { help: `${attributes.processing}, or ${attributes.event}` },
  );
}
