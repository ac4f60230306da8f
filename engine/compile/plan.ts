import type { ConnectorContext } from '../connector/context.ts';
import type { Source } from '../connector/source.ts';
import { unnest } from '../operators/unnest.ts';
import { ValuesSource } from '../operators/values-source.ts';
import { column } from '../plan/build.ts';
import { evaluate } from '../plan/evaluate.ts';
import type { Expr } from '../plan/expr.ts';
import type { Plan, Unnest, Values } from '../plan/plan.ts';
import { batchOf, type RowBatch } from '../types/batch.ts';
import type { Field } from '../types/data-type.ts';
import { type CalcProgram, compileCalc } from './calc.ts';
import { describeFailure, evaluationFailure, type SourceText } from './failure.ts';

/** Takes a batch; a promise holds the sender back. */
export type Push = (batch: RowBatch) => void | Promise<void>;

export interface CompileOptions {
  /** The file of the job, for errors of expressions. */
  readonly source?: SourceText;
}

/** What a compiled plan reads. */
export interface CompiledSource {
  /** The table's name; empty for constant rows. */
  readonly table: string;
  create(context: ConnectorContext): Source;
  /** Constant rows, which need no source; absent for tables. */
  readonly constant?: () => RowBatch;
}

export interface CompiledPlan {
  readonly fields: readonly Field[];
  readonly sources: readonly CompiledSource[];
  /** Fresh operators that send on to `emit`; one entry for each source, in order. Empty batches are not sent on. */
  instantiate(emit: Push): readonly Push[];
}

type Transform = (batch: RowBatch) => RowBatch;

/** A plan as operators: what stands between a source and the output is a chain of functions from batch to batch. */
export function compilePlan(plan: Plan, options: CompileOptions = {}): CompiledPlan {
  const chains = chainsOf(plan, [], options);
  return {
    fields: plan.fields,
    sources: chains.map(({ source }) => source),
    instantiate: (emit) =>
      chains.map(({ steps }) =>
        chain(
          steps.map((create) => create()),
          emit,
        ),
      ),
  };
}

interface Chain {
  readonly source: CompiledSource;
  /** From the source on; each makes an operator of its own. */
  readonly steps: readonly (() => Transform)[];
}

/** The way from each source of the plan to its output; `after` are the steps above. */
function chainsOf(plan: Plan, after: readonly (() => Transform)[], options: CompileOptions): Chain[] {
  switch (plan.kind) {
    case 'scan': {
      const { connector, columns, table } = plan;
      const create = (context: ConnectorContext) => connector.createSource(columns, context);
      return [{ source: { table: table.name, create }, steps: after }];
    }
    case 'values': {
      const constant = () => valuesBatch(plan, options);
      return [{ source: { table: '', create: () => new ValuesSource(constant), constant }, steps: after }];
    }
    case 'union':
      return plan.inputs.flatMap((input) => chainsOf(input, after, options));
    case 'filter': {
      const program = { condition: plan.condition, expressions: plan.input.fields.map((f, i) => column(i, f)) };
      return chainsOf(plan.input, [calc(program, plan.input.fields, options), ...after], options);
    }
    case 'project': {
      const { input } = plan;
      if (input.kind !== 'filter') {
        const step = calc({ expressions: plan.expressions }, input.fields, options);
        return chainsOf(input, [step, ...after], options);
      }
      const program = { condition: input.condition, expressions: plan.expressions };
      return chainsOf(input.input, [calc(program, input.input.fields, options), ...after], options);
    }
    case 'unnest':
      return chainsOf(plan.input, [...unnestSteps(plan, options), ...after], options);
  }
}

function calc(program: CalcProgram, fields: readonly Field[], options: CompileOptions): () => Transform {
  const all: Expr[] = [...(program.condition === undefined ? [] : [program.condition]), ...program.expressions];
  return () =>
    compileCalc(program, (error, batch, row) => {
      throw evaluationFailure(error, all, fields, batch, row, options.source);
    });
}

/** The collection is computed into a column behind the others, then taken apart. */
function unnestSteps(plan: Unnest, options: CompileOptions): (() => Transform)[] {
  const { fields } = plan.input;
  const expressions = [...fields.map((field, i) => column(i, field)), plan.collection];
  const program = { collection: plan.collection.type, ordinality: plan.ordinality, outer: plan.outer };
  return [calc({ expressions }, fields, options), () => unnest(program)];
}

function valuesBatch(plan: Values, options: CompileOptions): RowBatch {
  const types = plan.fields.map((field) => field.type);
  const rows = plan.rows.map((row) =>
    row.map((expr) => evaluate(expr, [], (failure) => fail(describeFailure(failure, options.source)))),
  );
  return batchOf(types, rows);
}

function fail(error: Error): never {
  throw error;
}

function chain(steps: readonly Transform[], emit: Push): Push {
  return (batch) => {
    let current = batch;
    for (const step of steps) {
      current = step(current);
      if (current.length === 0) return undefined;
    }
    return emit(current);
  };
}
