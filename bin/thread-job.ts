import type { JobText, PipelineStatus, RunOptions, StartedJob } from '../engine/index.ts';

/** What a thread needs to run its part of a job: connectors are made there, from the job's text. */
export interface ThreadJob {
  readonly job: JobText;
  readonly settings: ReadonlyMap<string, string>;
  /** Beside those of the process. */
  readonly variables: ReadonlyMap<string, string>;
  readonly options: Omit<RunOptions, 'log' | 'fresh' | 'observer' | 'worker'>;
  readonly worker: { readonly index: number; readonly count: number };
}

/** Figures of a pipeline as they cross a border between threads. */
export type ThreadStatus = Omit<PipelineStatus, 'lag'> & { readonly lag: ReturnType<PipelineStatus['lag']> };

/** What a thread tells the main thread; any message to it means stop. */
export type LogSeverity = 'debug' | 'info' | 'warn' | 'error';

export type ThreadMessage =
  | {
      readonly kind: 'log';
      readonly level: LogSeverity;
      /** Of a connector; undefined: of the runtime. */
      readonly component: string | undefined;
      readonly event: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: 'status';
      readonly pipelines: readonly ThreadStatus[];
      readonly counted: StartedJob['counted'];
      readonly countedByTable: StartedJob['countedByTable'];
    }
  /** For a lasting reason; without a code it is a mistake of the program, and the reason a stack. */
  | {
      readonly kind: 'failed';
      readonly code: string | undefined;
      readonly reason: string;
      readonly help: string | undefined;
    }
  | { readonly kind: 'ended' };
