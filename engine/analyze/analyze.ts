import type { Registry } from '../connector/bind.ts';
import type { DeadLetterTable } from '../connector/dead-letter.ts';
import { type DiagnosticSink, Diagnostics, type Span } from '../diagnostics/diagnostic.ts';
import type { ScalarFunction, Session } from '../functions/define.ts';
import type { Plan, SinkPlan } from '../plan/plan.ts';
import type { CreateTable, Explain, Script, Set as SetStatement, Statement } from '../syntax/ast.ts';
import { Catalog } from './catalog.ts';
import { createDatabase, drop, use } from './catalog-statements.ts';
import { type Context, mistake, unsupported } from './context.ts';
import { createTable } from './create-table.ts';
import { deadLetterTable } from './dead-letter-table.ts';
import { analyzeInsert } from './insert.ts';
import { analyzeQuery } from './query.ts';
import { uniqueNames } from './relation.ts';
import { finishRanks } from './row-number.ts';
import { Settings, type SettingValues, TABLE_PREFIX, timeZoneOf } from './settings.ts';
import { describe, type Listing, show } from './show.ts';
import { toldOnce } from './told-once.ts';
import { createView } from './view.ts';

/** What the analysis of a job needs besides its text. */
export interface Environment {
  readonly registry: Registry;
  /** The text that was parsed, for fixes that keep a part of it. */
  readonly text?: string;
  readonly functions: ReadonlyMap<string, ScalarFunction>;
  readonly report: DiagnosticSink;
  /** Settings from outside the file, e.g. `--set`: stronger than SET. */
  readonly settings?: ReadonlyMap<string, string>;
  /** Microseconds since 1970; the system's clock where absent. */
  readonly now?: () => bigint;
  /** What is there before the first statement; the statements add to it. Empty where absent. */
  readonly catalog?: Catalog;
  /** Is told of each expression whose type is settled. */
  readonly observe?: Context['observe'];
}

/** A statement that does something, in the order of the file. Statements with mistakes are absent. */
export type AnalyzedStatement =
  | { readonly kind: 'insert'; readonly plan: SinkPlan; readonly span: Span }
  /** The INSERTs of EXECUTE STATEMENT SET. */
  | { readonly kind: 'statement-set'; readonly plans: readonly SinkPlan[]; readonly span: Span }
  | { readonly kind: 'select'; readonly plan: Plan; readonly span: Span }
  | {
      readonly kind: 'explain';
      readonly plans: readonly (Plan | SinkPlan)[];
      readonly details: readonly string[];
      readonly span: Span;
    }
  /** The rows of SHOW and DESCRIBE, known without running anything. */
  | { readonly kind: 'listing'; readonly listing: Listing; readonly span: Span };

export interface Analysis {
  readonly statements: readonly AnalyzedStatement[];
  readonly catalog: Catalog;
  /** As they are at the end of the file. */
  readonly settings: SettingValues;
  /** Values of secret options of all tables: never to be printed. */
  readonly secrets: readonly string[];
  /** Where the job has one. */
  readonly deadLetters: DeadLetterTable | undefined;
}

/**
 * Resolves the statements of a file one after another: each sees the tables, views and settings of those before it.
 * Mistakes are reported, each once, and never thrown.
 */
export function analyze(script: Script, environment: Environment): Analysis {
  const settings = new Settings(environment.settings);
  /** Kept until a setting changes: contexts are copied often, and to ask the system for its zone is slow. */
  let session: Session | undefined;
  /** Of the statement that is being analyzed. */
  let found = new Diagnostics();
  const context: Context = {
    catalog: environment.catalog ?? new Catalog(),
    settings,
    functions: environment.functions,
    registry: environment.registry,
    report: { report: (diagnostic) => found.report(diagnostic) },
    text: environment.text,
    lost: script.lost ?? new Set(),
    secrets: new Set(),
    get session() {
      session ??= sessionOf(settings, environment);
      return session;
    },
    commonTables: new Map(),
    aggregatesReported: false,
    observe: environment.observe,
  };
  const nowhere = { start: 0, end: 0 };
  for (const [key, value] of environment.settings ?? []) settings.set(key, value, nowhere, nowhere, found);
  // Options of tables count wherever they stand in the file.
  for (const statement of script.statements) {
    if (statement.kind === 'set' && statement.key?.value.startsWith(TABLE_PREFIX)) applySet(context, statement);
  }
  for (const each of found.list) environment.report.report(each);
  const statements = script.statements.flatMap((statement) => {
    found = new Diagnostics();
    const analyzed = analyzeStatement(context, statement);
    if (statement.kind === 'set' || statement.kind === 'reset') session = undefined;
    if (script.mistaken?.has(statement)) {
      if (statement.kind === 'create-table') silence(context, statement);
    } else {
      const places = script.mistakes?.get(statement) ?? [];
      for (const each of toldOnce(found)) {
        if (!places.some((place) => overlaps(place, each.span))) environment.report.report(each);
      }
    }
    return analyzed === undefined ? [] : [analyzed];
  });
  const setOf = (key: string) => {
    const set = script.statements.findLast((s) => s.kind === 'set' && s.key?.value === key);
    return set?.kind === 'set' && set.value ? set.value.span : nowhere;
  };
  found = new Diagnostics();
  const deadLetters = deadLetterTable(context, setOf('cryptopipe.dead-letter.table'), setOf('cryptopipe.late-rows'));
  for (const each of found.list) environment.report.report(each);
  return {
    statements,
    catalog: context.catalog,
    settings: settings.values,
    secrets: [...context.secrets],
    deadLetters,
  };
}

function sessionOf(settings: Settings, environment: Environment): Session {
  return {
    timeZone: timeZoneOf(settings.values),
    now: environment.now ?? (() => BigInt(Date.now()) * 1000n),
  };
}

function analyzeStatement(context: Context, node: Statement): AnalyzedStatement | undefined {
  const { span } = node;
  switch (node.kind) {
    case 'create-table': {
      const plan = createTable(context, node);
      return plan && { kind: 'insert', plan, span };
    }
    case 'create-view':
      createView(context, node);
      return undefined;
    case 'create-database':
      createDatabase(context, node);
      return undefined;
    case 'create-catalog':
      return createCatalog(context, node);
    case 'create-function':
      return unsupported(context, 'user-defined functions are', node.className.span);
    case 'alter':
      return unsupported(context, `ALTER ${node.object} is`, span, 'write what you need in the CREATE statement');
    case 'drop':
      drop(context, node);
      return undefined;
    case 'use':
      use(context, node);
      return undefined;
    case 'set':
      applySet(context, node);
      return undefined;
    case 'reset':
      context.settings.reset(node.key?.value);
      return undefined;
    case 'insert': {
      const plan = analyzeInsert(context, node);
      return plan && { kind: 'insert', plan, span };
    }
    case 'statement-set': {
      const plans = node.inserts.flatMap((insert) => analyzeInsert(context, insert) ?? []);
      return { kind: 'statement-set', plans, span };
    }
    case 'select-statement': {
      const found = uniqueNames(analyzeQuery(context, node.query)).plan;
      const plan = found && finishRanks(context, found);
      return plan && { kind: 'select', plan, span };
    }
    case 'explain':
      return explain(context, node);
    case 'describe': {
      const listing = describe(context, node);
      return listing && { kind: 'listing', listing, span };
    }
    case 'show': {
      const listing = show(context, node);
      return listing && { kind: 'listing', listing, span };
    }
    case 'client-command':
      return undefined;
  }
}

function applySet(context: Context, { key, value }: SetStatement): void {
  if (key === undefined || value === undefined || context.settings.isFixed(key.value)) return;
  context.settings.set(key.value, value.value, key.span, value.span, context.report);
}

function explain(context: Context, { statement, details, span }: Explain): AnalyzedStatement {
  switch (statement.kind) {
    case 'insert':
      return { kind: 'explain', plans: [analyzeInsert(context, statement) ?? []].flat(), details, span };
    case 'statement-set':
      return {
        kind: 'explain',
        plans: statement.inserts.flatMap((i) => analyzeInsert(context, i) ?? []),
        details,
        span,
      };
    case 'select-statement':
      return { kind: 'explain', plans: [analyzeQuery(context, statement.query).plan ?? []].flat(), details, span };
  }
}

/** Only a catalog in memory: a name space. */
function createCatalog(context: Context, node: Extract<Statement, { kind: 'create-catalog' }>): undefined {
  const type = node.options.find((option) => option.key.value === 'type');
  if (context.catalog.catalogs.includes(node.name.name)) {
    if (node.ifNotExists) return undefined;
    return mistake(context, 'duplicate-name', `a catalog '${node.name.name}' exists already`, node.name.span);
  }
  if (type?.value.value !== 'generic_in_memory') {
    const what = type === undefined ? 'a catalog without a type is' : `the catalog type '${type.value.value}' is`;
    unsupported(context, what, type?.value.span ?? node.name.span, "only 'generic_in_memory' is");
  }
  context.catalog.addCatalog(node.name.name);
  return undefined;
}

/** What is wrong with the options of a table that was read with a doubt is not told where it is used either. */
function silence({ catalog }: Context, { name, temporary }: CreateTable): void {
  const object = catalog.findExact(name, temporary);
  if (object?.kind !== 'table') return;
  catalog.put({ ...object, definition: { ...object.definition, bound: undefined, broken: true } });
}

function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}
