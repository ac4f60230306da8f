/** All that the command line may import. */

export { settingDeclarations as settings } from './analyze/settings.ts';
export type { Log } from './connector/context.ts';
export type { Connector } from './connector/define.ts';
export { RunError } from './connector/errors.ts';
export type { Format } from './connector/format.ts';
export { type Option as OptionDeclaration, parseDuration } from './connector/options.ts';
export type { Rejection } from './connector/rejection.ts';
export { codes } from './diagnostics/codes.ts';
export type { Diagnostic, Fix, Span } from './diagnostics/diagnostic.ts';
export { blotSecrets, secretName } from './diagnostics/hide-secrets.ts';
export { hideTexts } from './diagnostics/hide-texts.ts';
export { renderDiagnostics } from './diagnostics/render.ts';
export { suggest } from './diagnostics/suggest.ts';
export {
  type ExplainedPlan,
  type ExplainStage,
  explainJob,
  explainPipelines,
  explainStatement,
} from './explain-job.ts';
export { type FixedJob, fixJob } from './fix.ts';
export type { Formatted } from './format/format.ts';
export { format } from './format-job.ts';
export type { AggregateFunction } from './functions/aggregate.ts';
export { aggregateFunctions } from './functions/aggregates/index.ts';
export { functions, type ScalarFunction } from './functions/index.ts';
export { inspectJob } from './inspect-job.ts';
export {
  type CheckedJob,
  check,
  ddlOf,
  type JobEnvironment,
  type JobTable,
  type JobText,
  type RenderedJob,
  type RunOptions,
  render,
  run,
  type StartedJob,
} from './job.ts';
export { allow } from './language/allow.ts';
export { type Completion, complete } from './language/complete.ts';
export { type Highlight, type HighlightKind, highlight } from './language/highlight.ts';
export { type Hover, hover } from './language/hover.ts';
export { occurrencesAt, rename } from './language/rename.ts';
export { type LanguageEnvironment, SourceFile } from './language/source-file.ts';
export type { ExplainNode } from './plan/explain.ts';
export { type CheckedQueries, checkQueries, type QueryStatement, runQuery } from './query.ts';
export type { Histogram } from './runtime/histogram.ts';
export type { Observer, Pipeline } from './runtime/pipeline.ts';
export type { PipelineStatus, SourceLag } from './runtime/status.ts';
export { diffAnswers } from './testing/diff.ts';
export { type BlockResult, runTestFile, type TestFileResult } from './testing/run-test-file.ts';
export { type RowBatch, rowsOf, valueAt } from './types/batch.ts';
export type { DataType, Field, Scalar } from './types/data-type.ts';
export { textOf } from './types/text.ts';
