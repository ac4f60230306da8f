import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type AnalyzedStatement, analyze } from './analyze/analyze.ts';
import { type SettingValues, sinkConstraintsOf, timeZoneOf } from './analyze/settings.ts';
import { withoutAllowed } from './analyze/warnings/allow.ts';
import { checkPortable } from './analyze/warnings/portable.ts';
import { warn } from './analyze/warnings/warn.ts';
import { compilePipelines } from './compile/pipeline.ts';
import type { Registry } from './connector/bind.ts';
import type { Log } from './connector/context.ts';
import { type Diagnostic, Diagnostics } from './diagnostics/diagnostic.ts';
import { hideTexts } from './diagnostics/hide-texts.ts';
import { functions } from './functions/index.ts';
import { optimizeSink } from './plan/optimize.ts';
import type { Plan, SinkPlan } from './plan/plan.ts';
import { Counted } from './runtime/counters.ts';
import type { Observer, Pipeline } from './runtime/pipeline.ts';
import { type RunningJob, runJob } from './runtime/run-job.ts';
import { parse } from './syntax/parse.ts';
import { fillVariables } from './syntax/variables.ts';

/** A job file as given by its user; `file` is only for names and messages. */
export interface JobText {
  readonly file: string;
  readonly text: string;
}

export interface JobEnvironment {
  readonly registry: Registry;
  /** Values of `${NAME}`; undefined where a name is not set. */
  variables(name: string): string | undefined;
  /** Settings from outside the file, stronger than SET. */
  readonly settings?: ReadonlyMap<string, string>;
  /** Whatever Flink would reject is an error. */
  readonly portable?: boolean;
}

/** A declared table, for those who want to know what a job talks to; secrets in `options` are ***. */
export interface JobTable {
  readonly name: string;
  readonly connector: string;
  /** Names of its columns; empty where it has none. */
  readonly primaryKey: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

/** A job after every phase that needs no I/O. */
export interface CheckedJob {
  /** `pipeline.name`, or else the file's name: the identity of its checkpoint. */
  readonly name: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly statements: readonly AnalyzedStatement[];
  readonly settings: SettingValues;
  /** Of the session. */
  readonly timeZone: string;
  readonly tables: readonly JobTable[];
  /** Values that must never be printed. */
  readonly secrets: readonly string[];
  /** One for each INSERT, compiled when first asked for; undefined where the file has errors. */
  readonly pipelines: readonly Pipeline[] | undefined;
}

/** Text → pipelines, every phase in order; collects the mistakes of all of them. */
export function check(job: JobText, environment: JobEnvironment): CheckedJob {
  const report = new Diagnostics();
  const script = parse(job.text, { variables: environment.variables, report });
  if (script.statements.length === 0 && report.list.length === 0) report.report(emptyJob(job.text));
  const analysis = analyze(script, {
    registry: environment.registry,
    functions,
    report,
    text: job.text,
    ...(environment.settings === undefined ? {} : { settings: environment.settings }),
  });
  if (environment.portable === true) checkPortable(analysis.catalog, environment.registry, report);
  if (!report.hasErrors) warn(script, analysis, job.text, report);
  const plans = analysis.statements.flatMap(insertsOf);
  let pipelines: readonly Pipeline[] | undefined;
  return {
    name: analysis.settings['pipeline.name'] ?? jobName(job.file),
    diagnostics: sorted(withoutAllowed(report.list, script, job.text)),
    statements: analysis.statements,
    settings: analysis.settings,
    timeZone: timeZoneOf(analysis.settings),
    tables: analysis.catalog.list().flatMap((object) => {
      const bound = object.kind === 'table' ? object.definition.bound : undefined;
      return bound === undefined
        ? []
        : [
            {
              name: bound.table.name,
              connector: bound.connector,
              primaryKey: (bound.table.primaryKey ?? []).map((i) => bound.table.columns[i]!.name),
              options: bound.options,
            },
          ];
    }),
    secrets: analysis.secrets,
    get pipelines() {
      if (report.hasErrors) return undefined;
      pipelines ??= compilePipelines(plans.map(optimizeSink), {
        source: job,
        ...sinkConstraintsOf(analysis.settings),
        deadLetters: analysis.deadLetters,
        lateRows: analysis.settings['cryptopipe.late-rows'],
        ...stateTtlOf(analysis.settings),
      });
      return pipelines;
    },
  };
}

export interface RunOptions {
  readonly log: Log;
  readonly createTables: boolean;
  readonly fresh: boolean;
  readonly keepMatchingState?: boolean;
  readonly checkpointFolder: string;
  readonly observer?: Observer;
  /** Which of the process's workers this is; absent: the only one. */
  readonly worker?: { readonly index: number; readonly count: number };
}

/** A job while it runs, with what its connectors counted, e.g. 'records_skipped'. */
export interface StartedJob extends RunningJob {
  readonly counted: ReadonlyMap<string, number>;
  /** The same by table: the id of a source or sink. */
  readonly countedByTable: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Starts a job that was checked without errors. */
export function run(job: CheckedJob, options: RunOptions): StartedJob {
  if (job.pipelines === undefined) throw new Error('a job with errors cannot run');
  const counters = new Counted();
  const running = runJob(job.pipelines, {
    ...options,
    worker: {
      id: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
      index: options.worker?.index ?? 0,
      count: options.worker?.count ?? 1,
      timeout: job.settings['cryptopipe.worker.timeout'],
    },
    job: job.name,
    counters,
    timeZone: job.timeZone,
    notNull: job.settings['table.exec.sink.not-null-enforcer'],
    hide: hideTexts(job.secrets),
    maxErrorRatio: job.settings['cryptopipe.errors.max-ratio'] ?? 1,
    ...stateMemoryOf(job.settings),
    maxRestartDuration: job.settings['cryptopipe.restart.max-duration'] ?? Number.POSITIVE_INFINITY,
  });
  return { ...running, counted: counters.values, countedByTable: counters.tables };
}

/** The statements that create what the sinks of a job write to, each once; only of connectors that have such. */
export function ddlOf(job: CheckedJob): string[] {
  const plans = job.statements.flatMap(insertsOf);
  return [...new Set(plans.flatMap(({ connector, written }) => connector.ddl(written) ?? []))];
}

/** A job with its variables filled in; no text where variables are missing or the job is wrong. */
export interface RenderedJob {
  readonly text: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Keys of the secret options that the text shows. */
  readonly secrets: readonly string[];
}

export function render(job: JobText, environment: JobEnvironment): RenderedJob {
  const { diagnostics, tables } = check(job, environment);
  const secrets = new Set(tables.flatMap((t) => [...t.options].filter(([, v]) => v === '***').map(([key]) => key)));
  if (diagnostics.some((d) => d.severity === 'error')) return { text: undefined, diagnostics, secrets: [...secrets] };
  return {
    text: fillVariables(job.text, environment.variables, new Diagnostics()),
    diagnostics,
    secrets: [...secrets],
  };
}

/** Said at the end of the text: what is cut off or never written must not pass for a job that is fine. */
function emptyJob(text: string): Diagnostic {
  const end = text.trimEnd().length;
  return {
    code: 'empty-job',
    severity: 'error',
    message: 'found the end of the file, expected a statement',
    span: { start: end, end },
    help: 'a job file holds statements such as CREATE TABLE … and INSERT INTO … SELECT …, each ended by a semicolon',
  };
}

/** What a statement would run or explain. */
export function plansOf(statement: AnalyzedStatement): readonly (Plan | SinkPlan)[] {
  switch (statement.kind) {
    case 'insert':
    case 'select':
      return [statement.plan];
    case 'statement-set':
    case 'explain':
      return statement.plans;
    case 'listing':
      return [];
  }
}

/** What a statement would run. */
export function insertsOf(statement: AnalyzedStatement): readonly SinkPlan[] {
  switch (statement.kind) {
    case 'insert':
      return [statement.plan];
    case 'statement-set':
      return statement.plans;
    default:
      return [];
  }
}

function jobName(file: string): string {
  const base = file.split(/[\\/]/).at(-1)!;
  return base.replace(/\.sql$/i, '') || 'job';
}

function sorted(list: readonly Diagnostic[]): Diagnostic[] {
  return [...list].sort((a, b) => a.span.start - b.span.start);
}

function stateTtlOf(settings: SettingValues): { stateTtl?: number } {
  const ttl = settings['table.exec.state.ttl'];
  return ttl > 0 ? { stateTtl: ttl } : {};
}

function stateMemoryOf(settings: SettingValues): { stateMemory?: number } {
  const memory = settings['cryptopipe.state.memory'];
  return memory === undefined ? {} : { stateMemory: memory };
}
