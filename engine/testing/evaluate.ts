import { type AnalyzedStatement, analyze } from '../analyze/analyze.ts';
import { compilePlan } from '../compile/plan.ts';
import { compileQuery } from '../compile/query.ts';
import type { Registry } from '../connector/bind.ts';
import { Diagnostics } from '../diagnostics/diagnostic.ts';
import { functions } from '../functions/index.ts';
import { optimize } from '../plan/optimize.ts';
import { parse } from '../syntax/parse.ts';
import { RowKind, rowsOf } from '../types/batch.ts';
import type { DataType, Field, Scalar } from '../types/data-type.ts';
import { typeText } from '../types/data-type.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { textOf } from '../types/text.ts';
import { CollectingSink } from './collecting-sink.ts';
import { executePipeline } from './execute.ts';

/** Either a value as CAST(… AS STRING) gives it, null for NULL, or where and why there is none. */
export type Evaluation =
  | { readonly type: string; readonly value: string | null }
  | { readonly error: { readonly phase: 'validate' | 'run'; readonly message: string } };

export interface EvaluateOptions {
  /** `table.local-time-zone`; UTC where absent. */
  readonly timeZone?: string;
  /** Microseconds since 1970. */
  readonly now?: () => bigint;
  /** false: without optimizer rules. */
  readonly optimize?: boolean;
}

/** Evaluates one SQL expression through every phase: what `SELECT <expression>` answers. */
export function evaluateExpression(sql: string, options: EvaluateOptions = {}): Evaluation {
  const prepared = prepareSelect(`SELECT ${sql}`, options);
  if ('error' in prepared) return prepared;
  const { plan } = prepared;
  const field = plan.fields[0]!;
  try {
    const [row] = compileQuery(options.optimize === false ? plan : optimize(plan)).rows();
    return { type: typeText(field.type), value: textOf(field.type, row![0]!, options.timeZone ?? 'UTC') };
  } catch (error) {
    if (error instanceof EvaluationError || (error instanceof Error && error.name === 'RunError')) {
      return { error: { phase: 'run', message: error.message } };
    }
    throw error;
  }
}

/** The rows of a query and the kind of each (see RowKind), or where and why there are none. */
export type QueryAnswer =
  | {
      readonly fields: readonly Field[];
      readonly rows: readonly (readonly Scalar[])[];
      readonly kinds: readonly number[];
    }
  | Extract<Evaluation, { error: unknown }>;

export interface QueryOptions extends EvaluateOptions {
  readonly registry: Registry;
  /** Fills in `${NAME}`. */
  readonly variables?: (name: string) => string | undefined;
}

/** Runs the last statement of a script, a query over bounded tables, to its end. */
export async function evaluateQuery(sql: string, options: QueryOptions): Promise<QueryAnswer> {
  const prepared = prepareSelect(sql, options, options.registry, options.variables);
  if ('error' in prepared) return prepared;
  const plan = options.optimize === false ? prepared.plan : optimize(prepared.plan);
  const types = plan.fields.map((field) => field.type);
  const compiled = compilePlan(plan, { source: { file: 'query', text: sql } });
  const rows: (readonly Scalar[])[] = [];
  const kinds: number[] = [];
  const pipeline = {
    name: 'query',
    fields: plan.fields,
    sources: compiled.sources.map((source, i) => ({ ...source, id: `${source.table}#${i}` })),
    createSink: () =>
      new CollectingSink((batch) => {
        for (const [i, row] of rowsOf(types, batch).entries()) {
          rows.push(row);
          kinds.push(batch.kinds?.[i] ?? RowKind.insert);
        }
      }),
    instantiate: compiled.instantiate,
  };
  try {
    await executePipeline(pipeline, { timeZone: options.timeZone ?? 'UTC', notNull: 'ERROR' });
    return { fields: plan.fields, rows, kinds };
  } catch (error) {
    if (error instanceof Error && error.name === 'RunError') return { error: { phase: 'run', message: error.message } };
    throw error;
  }
}

const empty: Registry = { connectors: [], formats: [] };

function prepareSelect(
  sql: string,
  options: EvaluateOptions,
  registry: Registry = empty,
  variables?: QueryOptions['variables'],
): Extract<AnalyzedStatement, { kind: 'select' }> | Extract<Evaluation, { error: unknown }> {
  const report = new Diagnostics();
  const script = parse(sql, { report, ...(variables === undefined ? {} : { variables }) });
  const settings = new Map([['table.local-time-zone', options.timeZone ?? 'UTC']]);
  const now = options.now === undefined ? {} : { now: options.now };
  const { statements } = analyze(script, { text: sql, registry, functions, report, settings, ...now });
  const problem = report.list.find((d) => d.severity === 'error');
  if (problem !== undefined) {
    const help = problem.help === undefined ? '' : ` (${problem.help})`;
    return { error: { phase: 'validate', message: `${problem.code}: ${problem.message}${help}` } };
  }
  const statement = statements.at(-1);
  if (statement?.kind !== 'select') return { error: { phase: 'validate', message: 'the last statement is no query' } };
  return statement;
}

/** The texts of a row's values by their types, as `Evaluation` has them. */
export function rowTexts(types: readonly DataType[], row: readonly Scalar[], timeZone = 'UTC'): (string | null)[] {
  return types.map((t, i) => textOf(t, row[i] ?? null, timeZone));
}
