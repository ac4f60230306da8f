import { castTo, column } from '../plan/build.ts';
import type { Plan } from '../plan/plan.ts';
import type { QueryBody, SetOperation } from '../syntax/ast.ts';
import { commonType } from '../types/coerce.ts';
import { type DataType, type Field, sameType, typeText } from '../types/data-type.ts';
import { type Context, mistake } from './context.ts';
import { analyzeBody } from './query.ts';
import { missingComma, type Relation, type RelationField, unknownRelation } from './relation.ts';
import type { Scope } from './scope.ts';

interface Input {
  readonly relation: Relation;
  readonly span: QueryBody['span'];
}

/** All rows of both sides, and of the sides' sides, as the common types of their columns; named as in the first. */
export function analyzeUnion(context: Context, node: SetOperation, outer: Scope | undefined): Relation {
  const inputs = flatten(node).map((body): Input => ({ relation: analyzeBody(context, body, outer), span: body.span }));
  const first = inputs[0]!.relation;
  if (inputs.some(({ relation }) => relation.open)) return unknownRelation;
  const odd = inputs.find(({ relation }) => relation.fields.length !== first.fields.length);
  if (odd !== undefined) {
    const settled = inputs.every((each) => each.relation.fields.every(({ type }) => type !== undefined));
    if (!settled) return unknownRelation;
    const message = `the queries of ${node.operator} have ${first.fields.length} and ${odd.relation.fields.length} columns`;
    const fewer = inputs.find(({ relation }) => relation.swallowed !== undefined)?.relation.swallowed?.[0];
    const { span, ...extra } = fewer === undefined ? { span: odd.span } : missingComma(fewer);
    mistake(context, 'invalid-query', message, span, extra);
    return unknownRelation;
  }
  const fields = first.fields.map(
    ({ name }, i): RelationField => ({ name, type: columnType(context, inputs, i, node.operator) }),
  );
  const known: Field[] = [];
  for (const { name, type } of fields) {
    if (type === undefined) return { fields, plan: undefined };
    known.push({ name, type });
  }
  const plans: Plan[] = [];
  for (const { relation } of inputs) {
    if (relation.plan === undefined) return { fields, plan: undefined };
    plans.push(castPlan(relation.plan, known, context.session.timeZone));
  }
  return { fields, plan: { kind: 'union', inputs: plans, fields: known } };
}

/** The operands of a chain of one operator; without recursion on the left, for chains of thousands. */
function flatten(node: SetOperation): QueryBody[] {
  const bodies: QueryBody[] = [];
  let left: QueryBody = node;
  while (left.kind === 'set-operation' && left.operator === node.operator && left.all === node.all) {
    bodies.push(left.right);
    left = left.left;
  }
  bodies.push(left);
  return bodies.reverse();
}

function columnType(context: Context, inputs: readonly Input[], index: number, operator: string): DataType | undefined {
  const types: DataType[] = [];
  for (const { relation } of inputs) {
    const { type } = relation.fields[index]!;
    if (type === undefined) return undefined;
    types.push(type);
  }
  const common = commonType(types);
  if (common !== undefined) return common;
  const at = types.findIndex((_, i) => commonType(types.slice(0, i + 1)) === undefined);
  const before = commonType(types.slice(0, at)) ?? types[0]!;
  const message =
    `column ${index + 1} ('${inputs[0]!.relation.fields[index]!.name}') of ${operator} is ` +
    `${typeText(before, false)} before and ${typeText(types[at]!, false)} here`;
  return mistake(context, 'type-mismatch', message, inputs[at]!.span, { help: 'cast one of them' });
}

/** The plan with its columns cast to the types of `fields`, and named so. */
export function castPlan(plan: Plan, fields: readonly Field[], timeZone: string): Plan {
  if (plan.fields.every((field, i) => sameType(field.type, fields[i]!.type))) return { ...plan, fields };
  const expressions = plan.fields.map((field, i) => castTo(column(i, field), fields[i]!.type, timeZone));
  return { kind: 'project', input: plan, expressions, fields };
}
