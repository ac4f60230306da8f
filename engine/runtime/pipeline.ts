import type { ConnectorContext } from '../connector/context.ts';
import type { DeadLetterTable } from '../connector/dead-letter.ts';
import type { Rejection } from '../connector/rejection.ts';
import type { Sink } from '../connector/sink.ts';
import type { Source } from '../connector/source.ts';
import type { Emit, PlanContext, RunningPlan } from '../operators/operator.ts';
import type { SpillPlace } from '../operators/spill.ts';
import type { RowBatch } from '../types/batch.ts';
import type { Field } from '../types/data-type.ts';
import type { StateStore } from './state-store.ts';

/** One reader of a pipeline. */
export interface PipelineSource {
  /** The table's name, with '#2' … where the job reads it again. */
  readonly id: string;
  /** Its identity in the pipeline's checkpoints: the same, with '#2' … where the pipeline does. */
  readonly key: string;
  /** The columns that it gives. */
  readonly fields: readonly Field[];
  create(context: ConnectorContext): Source;
}

/** One INSERT, compiled: sources → operators → sink. Everything that lives is created anew for each attempt. */
export interface Pipeline {
  /** The sink table's name, with '#2' … where written again. */
  readonly name: string;
  /** The columns that the sink is given. */
  readonly fields: readonly Field[];
  readonly sources: readonly PipelineSource[];
  createSink(context: ConnectorContext): Sink;
  /** Where a table of the pipeline wants dead letters. */
  readonly deadLetters?: DeadLetterTable;
  /** Fresh operators; it has one port for each source, in order. */
  instantiate(emit: Emit, context?: PlanContext): RunningPlan;
  /** Whether late rows go to the dead letters, or are only counted; absent: only counted. */
  readonly lateRows?: 'skip' | 'dead-letter';
  /** By which columns of the sink rows are changed that were written; absent where rows are only added. */
  readonly sinkKey?: readonly string[];
}

/**
 * Watches rows as they pass; called synchronously on the hot path, so that it costs nothing where there is none. Each
 * hook may come and go while the job runs: what is absent is not called.
 */
export interface Observer {
  /** A source gave a batch, which may be empty. */
  read?(pipeline: Pipeline, source: PipelineSource, batch: RowBatch): void;
  written?(pipeline: Pipeline, batch: RowBatch): void;
  /** A commit begins of all that was written until now. */
  committing?(pipeline: Pipeline): void;
  /** That commit is durable; `rows` went out with it. */
  committed?(pipeline: Pipeline, rows: number): void;
  /** The job goes on without a record or row of a table. */
  rejected?(table: string, rejection: Rejection): void;
}

/** What the runtime needs from its surroundings to run pipelines. */
export interface RunContext extends Omit<ConnectorContext, 'id' | 'rejects'> {
  /** Forget the job's checkpoint before reading (`--fresh`). */
  readonly fresh: boolean;
  /** Where a query changed, go on with what is remembered and still fits (`--keep-matching-state`); false where absent. */
  readonly keepMatchingState?: boolean;
  /** Folder of checkpoint files, for sinks that do not keep checkpoints themselves. */
  readonly checkpointFolder: string;
  /** Where the states of stateful pipelines are kept; files in `checkpointFolder` where absent. */
  readonly stateStore?: (pipeline: string) => StateStore;
  /** Where the operators of a pipeline move state to; files beside the states where absent. */
  readonly spillPlace?: ((pipeline: string) => SpillPlace) | undefined;
  /** Bytes of state that a pipeline keeps in memory (`cryptopipe.state.memory`); absent: all. */
  readonly stateMemory?: number;
  /** Give up restarting after so many milliseconds without progress (`cryptopipe.restart.max-duration`). */
  readonly maxRestartDuration: number;
  /** Highest share of rejected records, 0 to 1 (`cryptopipe.errors.max-ratio`); absent: any. */
  readonly maxErrorRatio?: number;
  /** Takes secrets out of messages; absent: there are none. */
  readonly hide?: (text: string) => string;
  readonly observer?: Observer;
  /** The clock of operators and of dead letters, milliseconds since 1970; the system's where absent. */
  readonly now?: () => number;
}
