import { column } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import { exprText } from '../plan/expr-text.ts';
import { inputsOf, type Plan, type SinkPlan } from '../plan/plan.ts';
import { type Field, typeText } from '../types/data-type.ts';
import { type CalcProgram, calcCode } from './calc.ts';

/** The generated functions of a plan as text, from the output to the sources; each begins with what its names mean. */
export function calcTexts(plan: Plan | SinkPlan): string[] {
  switch (plan.kind) {
    case 'sink':
      return calcTexts(plan.input);
    case 'project': {
      const { input, expressions, fields } = plan;
      if (input.kind !== 'filter') return [calcText({ expressions }, input.fields, fields), ...calcTexts(input)];
      const program = { condition: input.condition, expressions };
      return [calcText(program, input.input.fields, fields), ...calcTexts(input.input)];
    }
    case 'filter': {
      const expressions = plan.fields.map((field, i) => column(i, field));
      const program = { condition: plan.condition, expressions };
      return [calcText(program, plan.input.fields, plan.fields), ...calcTexts(plan.input)];
    }
    case 'unnest':
      return [appended(plan.input, plan.collection, 'collection'), ...calcTexts(plan.input)];
    case 'watermark':
      return [appended(plan.input, plan.expression, 'watermark'), ...calcTexts(plan.input)];
    default:
      return inputsOf(plan).flatMap(calcTexts);
  }
}

/** An operator's own value, computed into a column behind those of its input. */
function appended({ fields }: Plan, value: Expr, name: string): string {
  const expressions = [...fields.map((field, i) => column(i, field)), value];
  return calcText({ expressions }, fields, [...fields, { name, type: value.type }]);
}

function calcText(program: CalcProgram, inputs: readonly Field[], outputs: readonly Field[]): string {
  const { condition, expressions } = program;
  const { text, used, computed, bindings } = calcCode(program);
  const results = expressions.flatMap((expr, i) => (computed.includes(expr) ? [outputs[i]!] : []));
  const shared = expressions.flatMap((expr, i) =>
    computed.includes(expr) ? [] : [named(exprText(expr), outputs[i]!)],
  );
  const notes = [
    ...(condition === undefined ? [] : [`rows where ${exprText(condition)}`]),
    ...used.map((i) => `c${i}: ${inputs[i]!.name} ${typeText(inputs[i]!.type)}`),
    ...computed.map((expr, k) => `o${k}: ${named(exprText(expr), results[k]!)}`),
    ...Object.entries(bindings).flatMap(([name, value]) => constantText(name, value) ?? []),
    ...(shared.length === 0 ? [] : [`as they are: ${shared.join(', ')}`]),
  ];
  const head = notes.map((note) => `// ${note.replaceAll(/\s+/g, ' ')}`).join('\n');
  return condition === undefined && computed.length === 0 ? head : `${head}\n${text}`;
}

function named(text: string, { name }: Field): string {
  return text === name ? text : `${text} AS ${name}`;
}

/** Functions are seen in the expressions that they compute. */
function constantText(name: string, value: unknown): string | undefined {
  switch (typeof value) {
    case 'bigint':
      return `${name}: ${value}n`;
    case 'number':
    case 'boolean':
      return `${name}: ${value}`;
    case 'string':
      return `${name}: ${JSON.stringify(value)}`;
    default:
      return undefined;
  }
}
