/** Exit codes of every command. */
export const ExitCode = {
  fine: 0,
  /** A job file is wrong, a test failed, or a check found something. */
  found: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A run failed. */
  failed: 3,
  /** Stopped by a second signal. */
  interrupted: 130,
} as const;

/** A mistake on the command line: told without a stack trace, exit code 2. */
export class UsageError extends Error {
  readonly help: string | undefined;

  constructor(message: string, help?: string) {
    super(message);
    this.name = 'UsageError';
    this.help = help;
  }
}
