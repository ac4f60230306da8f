import { MAX_WATERMARK } from '../operators/operator.ts';
import { updatesOf } from '../plan/changelog.ts';
import type { Plan } from '../plan/plan.ts';
import { rowsOf } from '../types/batch.ts';
import type { Scalar } from '../types/data-type.ts';
import { FinalRows } from './final-rows.ts';
import type { CompileOptions } from './graph.ts';
import { type CompiledPlan, compilePlan } from './plan.ts';

/** A compiled query whose rows go to whoever asked. */
export interface CompiledQuery extends CompiledPlan {
  /** All rows of a query that reads no table, in the end; throws where it reads one. */
  rows(): Scalar[][];
}

export function compileQuery(plan: Plan, options: CompileOptions = {}): CompiledQuery {
  const compiled = compilePlan(plan, options);
  const types = plan.fields.map((field) => field.type);
  return {
    ...compiled,
    rows() {
      const rows: Scalar[][] = [];
      const final = updatesOf(plan) === undefined ? undefined : new FinalRows(types);
      const { ports } = compiled.instantiate((batch) => {
        if (final === undefined) rows.push(...rowsOf(types, batch));
        else final.take(batch);
      });
      compiled.sources.forEach((source, i) => {
        if (source.constant === undefined) throw new Error(`the query reads table '${source.table}'`);
        void ports[i]!.push(source.constant());
        void ports[i]!.advance(MAX_WATERMARK);
      });
      return final?.rows() ?? rows;
    },
  };
}
