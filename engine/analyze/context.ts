import type { Registry } from '../connector/bind.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import type { Diagnostic, DiagnosticSink, Span } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { ScalarFunction, Session } from '../functions/define.ts';
import type { Expr } from '../plan/expr.ts';
import type { Expression } from '../syntax/ast.ts';
import { printIdentifier } from '../syntax/print-name.ts';
import type { Groups } from './aggregate.ts';
import type { Catalog } from './catalog.ts';
import type { Hints } from './hint.ts';
import type { Overs } from './over.ts';
import type { Relation } from './relation.ts';
import type { RowNumbers } from './row-number.ts';
import type { Settings } from './settings.ts';
import type { Subqueries } from './subqueries.ts';

/** What the analysis of a file works with; the catalog and the settings change from statement to statement. */
export interface Context {
  readonly catalog: Catalog;
  readonly settings: Settings;
  readonly functions: ReadonlyMap<string, ScalarFunction>;
  readonly registry: Registry;
  readonly report: DiagnosticSink;
  /** What was parsed; absent where nobody gave it. */
  readonly text: string | undefined;
  /** Names that statements with mistakes would have created: what uses them stays silent. */
  readonly lost: ReadonlySet<string>;
  /** Values of secret options met so far: never to be printed. */
  readonly secrets: Set<string>;
  /** Built anew from the settings for each statement. */
  readonly session: Session;
  /** The tables of WITH around the current query. */
  readonly commonTables: ReadonlyMap<string, Relation>;
  /** Aggregates here belong to a clause that was reported as unsupported already. */
  readonly aggregatesReported: boolean;
  /** Is told of each expression whose type is settled, for those who show types. */
  readonly observe?: ((node: Expression, expr: Expr) => void) | undefined;
  /** What expressions above a GROUP BY mean; absent below one and where nothing is grouped. */
  readonly groups?: Groups | undefined;
  /** Those of the SELECT whose FROM is analyzed. */
  readonly hints?: Hints | undefined;
  /** What the SELECT here calls its columns, and the text of each. */
  readonly aliases?: ReadonlyMap<string, string> | undefined;
  /** Takes queries that are used as values or conditions; absent where none may stand. */
  readonly subqueries?: Subqueries | undefined;
  /** The same for the arguments of aggregates here, which are over the rows that are grouped. */
  readonly rowSubqueries?: Subqueries | undefined;
  /** Of a condition, only whether it is TRUE matters here, or whether it is FALSE; absent: NULL matters too. */
  readonly decides?: 'true' | 'false' | undefined;
  /** Takes the aggregates with OVER; absent where none may stand. */
  readonly overs?: Overs | undefined;
  /** Takes the calls of ROW_NUMBER; absent where rows cannot be numbered. */
  readonly rowNumbers?: RowNumbers | undefined;
}

export type Extra = Partial<Pick<Diagnostic, 'label' | 'help' | 'fix' | 'severity'>>;

/** Reports a mistake; always answers undefined: what is wrong has no value, and what uses it stays silent. */
export function mistake(
  { report }: Pick<Context, 'report'>,
  code: DiagnosticCode,
  message: string,
  span: Span,
  extra: Extra = {},
): undefined {
  report.report({ code, severity: 'error', message, span, ...extra });
  return undefined;
}

/** Flink has it, this engine does not yet. `what` begins the sentence: "joins are", "GROUP BY is". */
export function unsupported(context: Pick<Context, 'report'>, what: string, span: Span, help?: string): undefined {
  return mistake(context, 'unsupported', `${what} not supported yet`, span, help === undefined ? {} : { help });
}

/**
 * "did you mean 'x'?" with its fix, where a name is near enough; `otherwise` is the help where none is. A 'word' (a
 * function, a type) never gets backticks.
 */
export function didYouMean(
  wrong: string,
  known: Iterable<string>,
  span: Span,
  otherwise?: string,
  as: 'name' | 'word' = 'name',
): Extra {
  const names = [...known];
  const near = names.find((name) => name.toLowerCase() === wrong.toLowerCase()) ?? suggest(wrong, names);
  if (near !== undefined)
    return { help: `did you mean '${near}'?`, fix: { span, text: as === 'name' ? quoteName(near) : near } };
  return otherwise === undefined ? {} : { help: otherwise };
}

/** A name as SQL text, in backticks where it needs them. */
export function quoteName(name: string): string {
  return printIdentifier({ kind: 'identifier', name, quoted: false, span: { start: 0, end: 0 } });
}
