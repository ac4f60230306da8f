import { RunError } from '../connector/errors.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import { indexLines, positionAt } from '../diagnostics/line-index.ts';
import { evaluate, type Failure } from '../plan/evaluate.ts';
import type { Expr } from '../plan/expr.ts';
import { operandsOf } from '../plan/expr.ts';
import { exprText, literalText } from '../plan/expr-text.ts';
import { type RowBatch, valueAt } from '../types/batch.ts';
import type { Field } from '../types/data-type.ts';
import { EvaluationError } from '../types/evaluation-error.ts';

/** The file that expressions came from; spans point into its text. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

const MAX_TEXT = 120;

/**
 * The error of a user's expression that failed for one row of a batch, as a `RunError` that names the expression, its
 * place in the file and the values it failed on. Other errors come back unchanged: they are defects.
 */
export function evaluationFailure(
  error: unknown,
  expressions: readonly Expr[],
  fields: readonly Field[],
  batch: RowBatch,
  row: number,
  source: SourceText | undefined,
): unknown {
  if (!(error instanceof EvaluationError)) return error;
  const values = fields.map((field, c) =>
    c < batch.columns.length ? valueAt(field.type, batch.columns[c]!, row) : null,
  );
  const failure = findFailure(expressions, values);
  if (failure === undefined) return new RunError('evaluation-failed', error.message, { cause: error });
  return describeFailure(failure, source);
}

/** The same for an expression that was evaluated by itself. */
export function describeFailure({ expr, operands, error }: Failure, source: SourceText | undefined): RunError {
  const place = placeOf(expr.span, source);
  const text = place?.text ?? exprText(expr);
  const shown = operandsOf(expr)
    .map((operand, i) => ({ operand, value: operands[i] ?? null }))
    .filter(({ operand }) => operand.kind !== 'literal')
    .map(({ operand, value }) => `${short(sourceOf(operand, source))} = ${short(literalText(operand.type, value))}`);
  const at = place === undefined ? '' : ` at ${place.at}`;
  const where = shown.length === 0 ? '' : `, where ${shown.join(', ')}`;
  return new RunError('evaluation-failed', `'${short(text)}'${at} failed: ${short(error.message)}${where}`, {
    cause: error,
    help: expr.kind === 'cast' ? 'TRY_CAST gives NULL instead of failing' : undefined,
  });
}

function findFailure(expressions: readonly Expr[], row: Parameters<typeof evaluate>[1]): Failure | undefined {
  for (const expr of expressions) {
    let failure: Failure | undefined;
    try {
      evaluate(expr, row, (f) => {
        failure ??= f;
      });
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      if (failure !== undefined) return failure;
    }
  }
  return undefined;
}

function sourceOf(expr: Expr, source: SourceText | undefined): string {
  return placeOf(expr.span, source)?.text ?? exprText(expr);
}

function placeOf(span: Span | undefined, source: SourceText | undefined): { text: string; at: string } | undefined {
  if (span === undefined || source === undefined) return undefined;
  const { line, column } = positionAt(indexLines(source.text), span.start);
  return { text: source.text.slice(span.start, span.end), at: `${source.file}:${line}:${column}` };
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= MAX_TEXT ? line : `${line.slice(0, MAX_TEXT)}…`;
}
