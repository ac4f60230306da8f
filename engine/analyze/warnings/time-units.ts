import type { Diagnostic, DiagnosticSink } from '../../diagnostics/diagnostic.ts';
import { type Expr, operandsOf } from '../../plan/expr.ts';
import { inputsOf, type Plan } from '../../plan/plan.ts';
import { comparisonOf } from './filters.ts';

const milliseconds = /(?:_ms|_millis|_milliseconds|[a-z]Ms|[a-z]Millis)$/;
const seconds = /(?:_s|_sec|_secs|_seconds|[a-z]Seconds)$/;

/** Numbers of these sizes are times between 2001 and 2100 in one unit, and nonsense in the other. */
const inSeconds = (value: number) => value >= 1e9 && value < 4.2e9;
const inMilliseconds = (value: number) => value >= 1e12 && value < 4.2e12;

/** Columns that are named after milliseconds and compared with seconds, or the other way round. */
export function warnTimeUnits(plan: Plan, text: string, report: DiagnosticSink): void {
  for (const input of inputsOf(plan)) warnTimeUnits(input, text, report);
  const expressions = plan.kind === 'filter' ? [plan.condition] : plan.kind === 'project' ? plan.expressions : [];
  for (const expr of expressions) warnExpression(expr, text, report);
}

function warnExpression(expr: Expr, text: string, report: DiagnosticSink): void {
  for (const operand of operandsOf(expr)) warnExpression(operand, text, report);
  const found = comparedWithConstant(expr, text) ?? readAsSeconds(expr);
  if (found !== undefined) report.report({ code: 'time-unit', severity: 'warning', ...found });
}

type Found = Omit<Diagnostic, 'code' | 'severity'>;

function comparedWithConstant(expr: Expr, text: string): Found | undefined {
  const comparison = comparisonOf(expr);
  if (comparison === undefined) return undefined;
  const { name, literal } = comparison;
  const { value, span } = literal;
  if ((typeof value !== 'number' && typeof value !== 'bigint') || span === undefined) return undefined;
  const written = text.slice(span.start, span.end);
  if (milliseconds.test(name) && inSeconds(Number(value))) {
    const plain = /^\d+$/.test(written);
    return {
      message: `'${name}' is in milliseconds by its name, ${written} is a time in seconds`,
      span,
      help: 'compare milliseconds with milliseconds',
      ...(plain ? { fix: { span, text: `${written}000` } } : {}),
    };
  }
  if (seconds.test(name) && inMilliseconds(Number(value))) {
    const whole = /^\d+000$/.test(written);
    return {
      message: `'${name}' is in seconds by its name, ${written} is a time in milliseconds`,
      span,
      help: 'compare seconds with seconds',
      ...(whole ? { fix: { span, text: written.slice(0, -3) } } : {}),
    };
  }
  return undefined;
}

/** `TO_TIMESTAMP_LTZ(event_time_ms, 0)`: 0 means seconds, 3 milliseconds. */
function readAsSeconds(expr: Expr): Found | undefined {
  if (expr.kind !== 'call' || expr.name !== 'TO_TIMESTAMP_LTZ') return undefined;
  const [time, precision] = expr.arguments;
  const column = time?.kind === 'cast' ? time.input : time;
  if (column?.kind !== 'column' || precision?.kind !== 'literal' || precision.span === undefined) return undefined;
  const [name, wanted, unit, other] = milliseconds.test(column.name)
    ? [column.name, 3, 'milliseconds', 'seconds']
    : [seconds.test(column.name) ? column.name : undefined, 0, 'seconds', 'milliseconds'];
  if (name === undefined || Number(precision.value) === wanted) return undefined;
  return {
    message: `'${name}' is in ${unit} by its name, and ${String(precision.value)} reads it as ${other}`,
    span: precision.span,
    help: '0 stands for seconds, 3 for milliseconds',
    fix: { span: precision.span, text: String(wanted) },
  };
}
