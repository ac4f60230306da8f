import { column } from '../plan/build.ts';
import { inputsOf, type Plan, type SinkPlan } from '../plan/plan.ts';
import { calcText } from './calc.ts';

/** The generated functions of a plan as text, from the output to the sources. */
export function calcTexts(plan: Plan | SinkPlan): string[] {
  switch (plan.kind) {
    case 'sink':
      return calcTexts(plan.input);
    case 'project': {
      const { input, expressions } = plan;
      if (input.kind !== 'filter') return [calcText({ expressions }), ...calcTexts(input)];
      return [calcText({ condition: input.condition, expressions }), ...calcTexts(input.input)];
    }
    case 'filter': {
      const expressions = plan.fields.map((field, i) => column(i, field));
      return [calcText({ condition: plan.condition, expressions }), ...calcTexts(plan.input)];
    }
    default:
      return inputsOf(plan).flatMap(calcTexts);
  }
}
