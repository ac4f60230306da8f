import { updatesOf } from '../plan/changelog.ts';
import { timeAttributesOf } from '../plan/event-time.ts';
import type { Expr } from '../plan/expr.ts';
import { splitCondition } from '../plan/join-condition.ts';
import { joinPlans, numberedNames } from '../plan/join-plans.ts';
import { lookupKeys } from '../plan/lookup-keys.ts';
import type { Join, LookupJoin, Plan, TimeAttribute } from '../plan/plan.ts';
import { versionsOf } from '../plan/versions.ts';
import type { Expression, Join as JoinNode, TableReference } from '../syntax/ast.ts';
import { withNullable } from '../types/data-type.ts';
import { type Context, mistake, unsupported } from './context.ts';
import { analyzeCondition, analyzeExpression } from './expression.ts';
import { analyzeTable, type From } from './from.ts';
import { retryOf } from './hint.ts';
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
    const versions = findVersions(context, node, left.plan, right.plan, time!, condition);
    if (versions === undefined) return none;
    const type = node.type === 'LEFT' ? 'left' : 'inner';
    const join = joinPlans(left.plan, versions.plan, type, condition, node.right.span);
    return { ...none, plan: { ...join, asOf: versions.asOf } };
  }
  return { ...none, plan: lookupPlan(context, node, left.plan, right.plan, condition) };
}

/** The versions on the right and the event times of both sides; undefined after a report. */
function findVersions(
  context: Context,
  { right: node }: { readonly right: VersionedReference },
  left: Plan,
  right: Plan,
  time: Expr,
  condition: Expr,
): { readonly plan: Plan; readonly asOf: NonNullable<Join['asOf']> } | undefined {
  const name = node.name.parts.at(-1)!.name;
  if (time.kind !== 'column') return undefined;
  const versions = versionsOf(right);
  if (versions === undefined || versions.time < 0) {
    const message = `'${name}' has no versions: a table at an event time has a PRIMARY KEY and a WATERMARK`;
    return mistake(context, 'invalid-query', message, node.name.span, { help: versionsHelp(context, node, right) });
  }
  if (updatesOf(left) !== undefined) {
    return unsupported(context, 'a table at an event time beside rows that change is', node.systemTime.span);
  }
  const { plan, key, ascending } = versions;
  const equal = splitCondition({ left, right: plan, condition }).keys.map((pair) => pair.right);
  if (!key.every((index) => equal.some((e) => e.kind === 'column' && e.index === index))) {
    const keyNames = key.map((index) => plan.fields[index]!.name);
    const message = `the join must equate the PRIMARY KEY of '${name}' (${keyNames.join(', ')})`;
    return mistake(context, 'invalid-query', message, condition.span ?? node.span, {
      help: `add ${keyNames.map((each) => `… = ${node.alias?.name.name ?? name}.${each}`).join(' AND ')} to ON`,
    });
  }
  return { plan, asOf: { left: time.index, right: versions.time, key, ...(ascending ? { ascending } : {}) } };
}

/** What would give a table or a view versions. */
function versionsHelp(context: Context, { name }: VersionedReference, right: Plan): string {
  const last = name.parts.at(-1)!.name;
  if (context.catalog.find(name)?.kind !== 'table') {
    return 'keep the last row of each key: SELECT … FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY key ORDER BY ts DESC) AS rn FROM …) WHERE rn = 1';
  }
  const timed = timeAttributesOf(right).includes('event');
  return `declare ${timed ? 'PRIMARY KEY (…) NOT ENFORCED' : 'WATERMARK FOR its time'} in '${last}'`;
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
  const retry = retryOf(context, node.right);
  const plan: LookupJoin = {
    kind: 'lookup-join',
    type,
    input,
    table,
    condition: named,
    ...(retry === undefined ? {} : { retry }),
    fields,
  };
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
