import { unnest } from '../operators/unnest.ts';
import { column } from '../plan/build.ts';
import type { Expr } from '../plan/expr.ts';
import type { Unnest } from '../plan/plan.ts';
import type { Field } from '../types/data-type.ts';
import { type CalcProgram, compileCalc } from './calc.ts';
import { evaluationFailure } from './failure.ts';

import type { CompileOptions, Transform } from './graph.ts';

export function calc(program: CalcProgram, fields: readonly Field[], options: CompileOptions): () => Transform {
  const all: Expr[] = [...(program.condition === undefined ? [] : [program.condition]), ...program.expressions];
  return () =>
    compileCalc(program, (error, batch, row) => {
      throw evaluationFailure(error, all, fields, batch, row, options.source);
    });
}

/** The collection is computed into a column behind the others, then taken apart. */
export function unnestSteps(plan: Unnest, options: CompileOptions): (() => Transform)[] {
  const { fields } = plan.input;
  const expressions = [...fields.map((field, i) => column(i, field)), plan.collection];
  const program = { collection: plan.collection.type, ordinality: plan.ordinality, outer: plan.outer };
  const test = plan.condition && calc({ expressions: [plan.condition] }, plan.fields, options);
  const create = () => {
    const passes = test?.();
    return unnest(passes === undefined ? program : { ...program, test: (batch) => passes(batch).columns[0]! });
  };
  return [calc({ expressions }, fields, options), create];
}
