import type { CompiledPipeline } from '../compile/pipeline.ts';
import type { Log } from '../connector/context.ts';
import type { RunContext } from '../runtime/pipeline.ts';
import { runPipeline } from '../runtime/run-pipeline.ts';
import { createStatus } from '../runtime/status.ts';
import { Crash, type TestTables } from './tables.ts';

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface ExecuteOptions {
  readonly timeZone: string;
  readonly notNull: 'ERROR' | 'DROP';
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A mode that crashes makes progress with each attempt; more than these mean that it does not. */
const MAX_ATTEMPTS = 10_000;

/** Runs pipelines one after another to their ends, again after each wanted crash. */
export async function execute(
  pipelines: readonly CompiledPipeline[],
  tables: TestTables,
  options: ExecuteOptions,
): Promise<void> {
  for (const pipeline of pipelines) {
    for (let attempt = 1; ; attempt++) {
      tables.attempt();
      try {
        await executePipeline(pipeline, options, tables);
        break;
      } catch (error) {
        if (!(error instanceof Crash) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }
}

/** Runs one pipeline over bounded sources to its end, once. */
export async function executePipeline(
  pipeline: CompiledPipeline,
  options: ExecuteOptions,
  places: Pick<RunContext, 'stateStore' | 'spillPlace'> = {},
): Promise<void> {
  const context = {
    ...options,
    job: 'test',
    log: silent,
    counters: { add: () => {} },
    createTables: false,
    fresh: false,
    checkpointFolder: '',
    maxRestartDuration: 0,
    ...(places.stateStore && { stateStore: places.stateStore }),
    ...(places.spillPlace && { spillPlace: places.spillPlace }),
  };
  await runPipeline(pipeline, context, createStatus(pipeline.name), new AbortController().signal, { due: false });
}
