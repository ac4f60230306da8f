import { type DiagnosticSink, join } from '../../diagnostics/diagnostic.ts';
import { type Expr, type Literal, operandsOf } from '../../plan/expr.ts';
import { inputsOf, type Plan } from '../../plan/plan.ts';
import { fold } from '../../plan/rules/fold-constants.ts';

/** Filters that no row can pass. */
export function warnFilters(plan: Plan, report: DiagnosticSink): void {
  for (const input of inputsOf(plan)) warnFilters(input, report);
  if (plan.kind !== 'filter') return;
  const { condition } = plan;
  const why = contradiction(condition);
  // A condition that was put together from parts has only theirs.
  const spans = condition.span !== undefined ? [condition.span] : operandsOf(condition).flatMap((o) => o.span ?? []);
  const span = spans.length === 0 ? undefined : spans.reduce(join);
  if (why === undefined || span === undefined) return;
  report.report({
    code: 'never-true',
    severity: 'warning',
    message: `no row can pass this filter: ${why}`,
    span,
    help: 'correct it, or remove the query',
  });
}

/** Why a condition is never TRUE, or undefined where it may be. */
function contradiction(condition: Expr): string | undefined {
  const folded = fold(condition);
  if (folded.kind === 'literal') return folded.value === true ? undefined : 'it is always FALSE or NULL';
  const ranges = new Map<string, Range>();
  for (const part of folded.kind === 'and' ? folded.operands : [folded]) {
    if (part.kind === 'literal' && part.value !== true) return 'a part of it is always FALSE or NULL';
    const comparison = comparisonOf(part);
    if (comparison === undefined) continue;
    if (comparison.literal.value === null) return `'${comparison.operator} NULL' is never TRUE: write IS NULL`;
    if (!comparable.has(comparison.literal.type.kind)) continue;
    // A column and what it is cast to are two things: CAST(1.5 AS INT) is 1.
    const key = `${comparison.index} ${comparison.literal.type.kind}`;
    const range = ranges.get(key) ?? {};
    ranges.set(key, range);
    if (!narrow(range, comparison.operator, comparison.literal.value)) {
      return `'${comparison.name}' cannot be all of this at once`;
    }
  }
  return undefined;
}

interface Comparison {
  readonly index: number;
  readonly name: string;
  readonly operator: string;
  readonly literal: Literal;
}

const mirrored: Readonly<Record<string, string>> = { '=': '=', '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

/** `column operator constant`, whichever side the column stands on. */
export function comparisonOf(expr: Expr): Comparison | undefined {
  if (expr.kind !== 'call' || !(expr.name in mirrored)) return undefined;
  const [left, right] = expr.arguments;
  const [a, b] = [left && columnOf(left), right && columnOf(right)];
  if (a !== undefined && right?.kind === 'literal') {
    return { index: a.index, name: a.name, operator: expr.name, literal: right };
  }
  if (b !== undefined && left?.kind === 'literal') {
    return { index: b.index, name: b.name, operator: mirrored[expr.name]!, literal: left };
  }
  return undefined;
}

/** A column, or one that is only widened to be compared. */
function columnOf(expr: Expr): Extract<Expr, { kind: 'column' }> | undefined {
  if (expr.kind === 'cast') return columnOf(expr.input);
  return expr.kind === 'column' ? expr : undefined;
}

/** Types whose values of different columns compare as they are; decimals and times depend on their scale. */
const comparable: ReadonlySet<string> = new Set([
  'TINYINT',
  'SMALLINT',
  'INT',
  'BIGINT',
  'FLOAT',
  'DOUBLE',
  'CHAR',
  'VARCHAR',
]);

interface Range {
  low?: { readonly at: Bound; readonly open: boolean };
  high?: { readonly at: Bound; readonly open: boolean };
}

type Bound = number | bigint | string;

/** Narrows a range by a comparison; false where nothing is left of it. Only values of one kind are compared. */
function narrow(range: Range, operator: string, value: unknown): boolean {
  if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'string') return true;
  if (typeof value === 'string' && operator !== '=') return true;
  const known = range.low ?? range.high;
  if (known !== undefined && typeof known.at !== typeof value) return true;
  const open = operator === '<' || operator === '>';
  if (operator !== '<' && operator !== '<=') {
    if (range.low === undefined || value > range.low.at || (value === range.low.at && open)) {
      range.low = { at: value, open };
    }
  }
  if (operator !== '>' && operator !== '>=') {
    if (range.high === undefined || value < range.high.at || (value === range.high.at && open)) {
      range.high = { at: value, open };
    }
  }
  const { low, high } = range;
  if (low === undefined || high === undefined) return true;
  return low.at < high.at || (low.at === high.at && !low.open && !high.open);
}
