import type { RejectReason } from './rejection.ts';

/**
 * What went wrong while a job runs, told to its user: no stack trace, the message names what was found and where
 * (option, host, topic, partition, offset, table, column), `help` says what to do.
 *
 * `passing` errors (connections, leader changes, deadlocks, throttling) are retried with growing waits from the last
 * checkpoint; lasting ones (privileges, types, missing objects, malformed records) stop the job.
 */
export class RunError extends Error {
  readonly code: string;
  readonly passing: boolean;
  readonly help: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { passing?: boolean; help?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RunError';
    this.code = code;
    this.passing = options.passing ?? false;
    this.help = options.help;
  }
}

/** A row that cannot be written while others can: a sink asks the table's policy for `reason` before it lets it out. */
export class RowError extends RunError {
  readonly reason: RejectReason;

  constructor(code: string, reason: RejectReason, message: string, help?: string) {
    super(code, message, { help });
    this.name = 'RowError';
    this.reason = reason;
  }
}

/** A record that a decoder cannot read; the source adds topic, partition and offset and makes a `RunError` of it. */
export class DecodeError extends Error {
  /** The column at fault, where one is known. */
  readonly field: string | undefined;
  readonly reason: RejectReason;

  /** The reason is 'wrong-type' where a field is named, else 'malformed', unless it is given. */
  constructor(message: string, field?: string, reason?: RejectReason) {
    super(message);
    this.name = 'DecodeError';
    this.field = field;
    this.reason = reason ?? (field === undefined ? 'malformed' : 'wrong-type');
  }
}
