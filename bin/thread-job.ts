import type { JobText, PipelineStatus, RunOptions, StartedJob } from '../engine/index.ts';
import type { RowsView } from './dashboard/messages.ts';
import type { KeptLetter } from './dashboard/problem-ring.ts';

/** What a thread needs to run its part of a job: connectors are made there, from the job's text. */
export interface ThreadJob {
  readonly job: JobText;
  readonly settings: ReadonlyMap<string, string>;
  /** Beside those of the process. */
  readonly variables: ReadonlyMap<string, string>;
  readonly options: Omit<RunOptions, 'log' | 'fresh' | 'observer' | 'worker'>;
  readonly worker: { readonly index: number; readonly count: number };
  /** Whether somebody wants to hear what the job goes on without. */
  readonly tellsLetters: boolean;
}

/** Figures of a pipeline as they cross a border between threads. */
export type ThreadStatus = Omit<PipelineStatus, 'lag'> & { readonly lag: ReturnType<PipelineStatus['lag']> };

export type LogSeverity = 'debug' | 'info' | 'warn' | 'error';

/** Where rows pass: at a source of the job's n-th pipeline, by its id, or without one at its sink. */
export interface PassingPlace {
  readonly pipeline: number;
  readonly source: string | undefined;
}

/** What the main thread wants of a thread. */
export type ThreadOrder =
  | { readonly kind: 'stop' }
  /** Tell of the rows that pass at a place, without secrets: those of the job and these. `id` names the order. */
  | { readonly kind: 'watch'; readonly id: number; readonly place: PassingPlace; readonly secrets: readonly string[] }
  | { readonly kind: 'unwatch'; readonly id: number };

/** What a thread tells the main thread. */
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
      /** The newest since the last status. */
      readonly letters: readonly KeptLetter[];
    }
  /** Of the order `id`. */
  | { readonly kind: 'rows'; readonly id: number; readonly rows: RowsView }
  /** For a lasting reason; without a code it is a mistake of the program, and the reason a stack. */
  | {
      readonly kind: 'failed';
      readonly code: string | undefined;
      readonly reason: string;
      readonly help: string | undefined;
    }
  | { readonly kind: 'ended' };
