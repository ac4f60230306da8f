/** A job of the configuration file. */
export interface ConfiguredJob {
  readonly name: string;
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Everything the section sets, as `--set` would: parallelism, settings and options of tables. */
  readonly settings: ReadonlyMap<string, string>;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface AlertReceiver {
  readonly url: string;
  readonly format: 'slack' | 'json';
  readonly template?: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type AlertCondition = 'no-rows' | 'lag-records' | 'lag-time' | 'dead-letters' | 'degraded' | 'restarts';

export interface AlertRule {
  readonly name: string;
  readonly when: AlertCondition;
  /** Rows, records, or milliseconds for 'lag-time'. */
  readonly over: number;
  readonly under: number;
  /** Milliseconds. */
  readonly for: number;
  readonly job?: string;
  /** Names of receivers. */
  readonly to: readonly string[];
}

/** One effective value, for `cryptopipe config`. */
export interface ConfiguredValue {
  /** e.g. 'logging.level'. */
  readonly path: string;
  readonly value: string;
  /** e.g. 'default', 'cryptopipe.yaml:3', 'profile prod (cryptopipe.yaml:12)', 'CRYPTOPIPE_LOG_LEVEL', '--log-level'. */
  readonly origin: string;
  readonly secret: boolean;
}

/** What applies to this process: flag > environment > profile > file > default. */
export interface Configuration {
  /** Absolute path; undefined where there is no file. */
  readonly file: string | undefined;
  readonly profile: string | undefined;
  /** Values of `${NAME}` in job files. */
  readonly variables: ReadonlyMap<string, string>;
  /** Values that must never be printed. */
  readonly secrets: readonly string[];
  readonly jobs: readonly ConfiguredJob[];
  readonly logging: {
    readonly level: LogLevel;
    /** undefined: by whether standard error is a terminal. */
    readonly format: 'pretty' | 'json' | undefined;
    readonly components: ReadonlyMap<string, LogLevel>;
  };
  /** Without a port there is no server. */
  readonly http: { readonly port: number | undefined; readonly host: string; readonly token: string | undefined };
  readonly alerts: {
    readonly receivers: ReadonlyMap<string, AlertReceiver>;
    readonly rules: readonly AlertRule[];
  };
  readonly values: readonly ConfiguredValue[];
}

/** The settings that the configuration gives to a job file, by its absolute path. */
export function settingsOf(configuration: Configuration, file: string): ReadonlyMap<string, string> {
  return configuration.jobs.find((job) => job.files.includes(file))?.settings ?? new Map();
}
