import { type ConnectorContext, contextFor } from '../connector/context.ts';
import type { DeadLetterTable } from '../connector/dead-letter.ts';
import type { Sink } from '../connector/sink.ts';
import type { Source } from '../connector/source.ts';
import type { Emit, PlanContext, RunningPlan } from '../operators/operator.ts';
import { sinkNeedsBefore, updatesOf } from '../plan/changelog.ts';
import { inputsOf, type Plan, type SinkPlan } from '../plan/plan.ts';
import type { RowBatch } from '../types/batch.ts';
import type { Field } from '../types/data-type.ts';
import type { CompileOptions } from './graph.ts';
import { Names } from './names.ts';
import { compilePlan } from './plan.ts';
import { constraintStep, type SinkConstraints } from './sink-constraints.ts';

/** One INSERT, compiled; what the runtime takes as a pipeline. */
export interface CompiledPipeline {
  /** The sink table's name, with '#2' … where written again. */
  readonly name: string;
  /** The columns that the sink is given. */
  readonly fields: readonly Field[];
  /** `id`: the table's name, with '#2' … where the job reads it again; `key`: where this INSERT does. */
  readonly sources: readonly {
    readonly id: string;
    readonly key: string;
    readonly fields: readonly Field[];
    create(context: ConnectorContext): Source;
  }[];
  createSink(context: ConnectorContext): Sink;
  /** Where a table of the pipeline wants dead letters. */
  readonly deadLetters?: DeadLetterTable;
  instantiate(emit: Emit, context?: PlanContext): RunningPlan;
  /** What becomes of late rows besides being counted. */
  readonly lateRows?: LateRowsPolicy;
  /** By which columns of the sink rows are changed that were written; absent where rows are only added. */
  readonly sinkKey?: readonly string[];
}

export interface PipelineOptions extends CompileOptions, SinkConstraints {
  /** The table of `cryptopipe.dead-letter.table`. */
  readonly deadLetters?: DeadLetterTable | undefined;
  readonly lateRows?: LateRowsPolicy;
}

/** 'skip': only counted; 'dead-letter': also kept in the dead-letter table. */
export type LateRowsPolicy = 'skip' | 'dead-letter';

/** The INSERTs of a job. Sources and sinks get names that are unique among all of them. */
export function compilePipelines(plans: readonly SinkPlan[], options: PipelineOptions): CompiledPipeline[] {
  const sourceNames = new Names();
  const sinkNames = new Names();
  const { deadLetters, lateRows = 'skip' } = options;
  return plans.map((plan): CompiledPipeline => {
    const compiled = compilePlan(plan.input, { ...options, before: sinkNeedsBefore(plan) });
    const enforce = constraintStep(plan, options);
    return {
      name: sinkNames.next(plan.table.name),
      fields: plan.written.map((index) => plan.table.columns[index]!),
      sources: compiled.sources.map(({ table, key, fields, create }) => ({
        id: sourceNames.next(table || 'values'),
        key,
        fields,
        create,
      })),
      createSink: (context) => plan.connector.createSink(plan.written, contextFor(plan.connector.name, context)),
      ...(deadLetters !== undefined && (lateRows === 'dead-letter' || wantsDeadLetters(plan)) ? { deadLetters } : {}),
      instantiate: (emit, context) =>
        compiled.instantiate(enforce === undefined ? emit : guarded(enforce, emit), context),
      lateRows,
      ...sinkKeyOf(plan),
    };
  });
}

function sinkKeyOf({ table, input }: SinkPlan): Pick<CompiledPipeline, 'sinkKey'> {
  if (table.primaryKey === undefined || updatesOf(input) === undefined) return {};
  return { sinkKey: table.primaryKey.map((i) => table.columns[i]!.name) };
}

function wantsDeadLetters(plan: SinkPlan): boolean {
  const asks = (node: Plan): boolean =>
    (node.kind === 'scan' && node.connector.deadLetters === true) || inputsOf(node).some(asks);
  return plan.connector.deadLetters === true || asks(plan.input);
}

function guarded(step: (batch: RowBatch) => RowBatch, emit: Emit): Emit {
  return (batch) => {
    const kept = step(batch);
    return kept.length === 0 ? undefined : emit(kept);
  };
}
