import type { Rejects } from './rejection.ts';

/** Structured log: an event name from a small vocabulary and its fields. Never a secret in a field. */
export interface Log {
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void;
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
  /** The log of one component, e.g. a connector: its lines carry that name and may have a level of their own. */
  component?(name: string): Log;
}

/** Counts what a connector sees, by a name from a small vocabulary: 'records_skipped', 'reconnects', … */
export interface Counters {
  add(name: string, amount: number): void;
  /** Counts for one source or sink, and for all together. */
  of?(id: string): Counters;
}

/** One of the workers that run a job: a thread of a process. */
export interface Worker {
  /** Unique among all workers of all processes and hosts. */
  readonly id: string;
  /** Which of the process's workers it is, from 0, and how many there are. */
  readonly index: number;
  readonly count: number;
  /** Others take a worker for dead that says nothing for so long, in milliseconds. */
  readonly timeout: number;
}

/** What a running connector is given besides its table. */
export interface ConnectorContext {
  /** Name of the job: the identity of its checkpoint. */
  readonly job: string;
  /** Identity of this source or sink within the job: the table's name, with '#2' … where it is read several times. */
  readonly id: string;
  /** Absent where nobody else can run the job at the same time. */
  readonly worker?: Worker;
  readonly log: Log;
  readonly counters: Counters;
  /** Where what the table's options let the job go on without is told. */
  readonly rejects: Rejects;
  /** Whether missing sink tables and topics are to be created (`--create-tables`). */
  readonly createTables: boolean;
  /** `table.local-time-zone`. */
  readonly timeZone: string;
  /** `table.exec.sink.not-null-enforcer`. */
  readonly notNull: 'ERROR' | 'DROP';
}

/** What a connector is given: its log lines carry its name. */
export function contextFor(connector: string, context: ConnectorContext): ConnectorContext {
  const log = context.log.component?.(connector);
  return log === undefined ? context : { ...context, log };
}
