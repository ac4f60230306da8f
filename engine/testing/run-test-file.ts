import { type Analysis, type AnalyzedStatement, analyze } from '../analyze/analyze.ts';
import { sinkConstraintsOf } from '../analyze/settings.ts';
import { calcTexts } from '../compile/code-text.ts';
import { compilePipelines } from '../compile/pipeline.ts';
import { compilePlan } from '../compile/plan.ts';
import type { Registry } from '../connector/bind.ts';
import type { Connector } from '../connector/define.ts';
import type { TableShape } from '../connector/table.ts';
import { Diagnostics } from '../diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../diagnostics/render.ts';
import { functions } from '../functions/index.ts';
import { explainText } from '../plan/explain.ts';
import { optimize, optimizeSink } from '../plan/optimize.ts';
import type { Plan, SinkPlan } from '../plan/plan.ts';
import { parse } from '../syntax/parse.ts';
import type { Scalar } from '../types/data-type.ts';
import { type ExecuteOptions, execute } from './execute.ts';
import { readRows } from './read-rows.ts';
import { showChanges, showRows } from './show-rows.ts';
import { type GivenRows, type Mode, modes, TestTables } from './tables.ts';
import { parseTestFile, rewriteTestFile, type TestBlock } from './test-file.ts';

/** What tests run on: the connectors of the distribution, and one over the test's own tables. */
export interface TestEnvironment {
  readonly registry: Registry;
  memory(tables: TestTables): Connector;
  /** The text of a job file; the path is as the test has it. */
  read?(path: string): string;
  /** Values of `${NAME}` in job files; defaults where absent. */
  variables?(name: string): string | undefined;
}

export interface BlockResult {
  readonly block: TestBlock;
  readonly passed: boolean;
  /** What came out, in the form of `block.expected`; with a word on the mode where modes differ. */
  readonly actual: string;
}

export interface TestFileResult {
  /** Of the blocks that expect something. */
  readonly results: readonly BlockResult[];
  /** The file with what came out as expected texts. */
  readonly rewritten: string;
}

/** Time of tests: 2024-01-02 03:04:05.678. */
const NOW = 1704164645678000n;

/** Runs the blocks of a test file in order, each query and output in every mode. */
export async function runTestFile(text: string, environment: TestEnvironment): Promise<TestFileResult> {
  const blocks = parseTestFile(text);
  const state: State = { statements: [], inputs: new Map(), variables: new Map(), now: NOW };
  const results: BlockResult[] = [];
  const answers: (string | undefined)[] = [];
  for (const block of blocks) {
    const actual = await runBlock(block, state, environment);
    answers.push(expectsNothing(block) ? undefined : actual);
    if (actual === undefined) continue;
    results.push({ block, passed: actual === (block.expected ?? ''), actual });
  }
  return { results, rewritten: rewriteTestFile(text, blocks, answers) };
}

/** What the blocks so far have said. */
interface State {
  /** Texts of good statements. */
  readonly statements: string[];
  /** Rows by table. */
  readonly inputs: Map<string, GivenRows>;
  readonly variables: Map<string, string>;
  /** Microseconds since 1970. */
  now: bigint;
}

function expectsNothing({ kind, argument }: TestBlock): boolean {
  return (
    kind === 'input' ||
    kind === 'job' ||
    kind === 'time' ||
    kind === 'variable' ||
    (kind === 'statement' && argument === 'ok')
  );
}

/** A connector with its options and checks, but over the tables of the test. */
function inMemory(connector: Connector, memory: Connector): Connector {
  const { createSource, createSink, createLookup } = memory;
  return {
    ...connector,
    bounded: () => true,
    ...(connector.createSource === undefined ? {} : { createSource }),
    ...(connector.createSink === undefined ? {} : { createSink }),
    ...(connector.createLookup === undefined ? {} : { createLookup }),
  } as Connector;
}

/** What comes out of a block; undefined where it expects nothing and nothing is wrong. */
async function runBlock(block: TestBlock, state: State, environment: TestEnvironment): Promise<string | undefined> {
  switch (block.kind) {
    case 'statement': {
      const problems = problemsOf(block.body, state, environment);
      if (block.argument !== 'ok') return problems === '' ? 'no diagnostics' : problems;
      state.statements.push(block.body);
      return problems === '' ? undefined : problems;
    }
    case 'input':
      addRows(block, state, environment);
      return undefined;
    case 'time':
      state.now = readTime(block);
      return undefined;
    case 'variable': {
      const [name = '', ...value] = block.argument.split(' ');
      state.variables.set(name, value.join(' '));
      return undefined;
    }
    case 'job': {
      const text = environment.read?.(block.argument);
      if (text === undefined) throw new Error(`line ${block.line}: no job files here`);
      const problems = problemsOf(text, state, environment, block.argument);
      state.statements.push(text);
      return problems === '' ? undefined : problems;
    }
    case 'query':
    case 'output':
      return inAllModes(block, state, environment);
    case 'plan':
      return planOf(block, state, environment);
  }
}

/** Rows are read with the table's columns as they are at this place of the file. */
function addRows({ argument, body, line }: TestBlock, state: State, environment: TestEnvironment): void {
  const [name = '', form] = argument.split(/\s+/);
  const before = state.inputs.get(name) ?? { columns: [], rows: [], messages: [] };
  if (form === 'messages' || form === 'hex') {
    const messages = body
      .split('\n')
      .map((line) => Buffer.from(form === 'hex' ? line.replaceAll(' ', '') : line, form === 'hex' ? 'hex' : 'utf8'));
    state.inputs.set(name, { ...before, messages: [...before.messages, ...messages] });
    return;
  }
  if (form !== undefined) throw new Error(`line ${line}: rows come as 'messages' or 'hex', not as '${form}'`);
  const text = state.statements.map((statement) => `${statement};\n`).join('');
  const analysis = prepare(text, new Diagnostics(), state, environment, new TestTables(new Map(), modes[0]!));
  const shape = shapeOf(analysis, name);
  const { columns } = shape;
  const given = readRows(body, columns);
  if (shape.primaryKey === undefined && given.some(({ deleted }) => deleted)) {
    throw new Error(`line ${line}: rows of '${name}' cannot be deleted: it has no PRIMARY KEY`);
  }
  const rows = [...before.rows, ...given];
  state.inputs.set(name, { ...before, columns: columns.map((column) => column.name), rows });
}

function readTime({ argument, line }: TestBlock): bigint {
  const milliseconds = Date.parse(`${argument.trim().replace(' ', 'T').replace(/Z$/, '')}Z`);
  if (Number.isNaN(milliseconds))
    throw new Error(`line ${line}: '${argument}' is no time such as 2024-01-02 03:04:05.678`);
  return BigInt(milliseconds) * 1000n;
}

function problemsOf(sql: string, state: State, environment: TestEnvironment, file = 'test.sql'): string {
  const before = state.statements.map((statement) => `${statement};\n`).join('');
  const report = new Diagnostics();
  const tables = new TestTables(new Map(), modes[0]!);
  prepare(`${before}${sql}`, report, state, environment, tables);
  const own = report.list
    .filter(({ span }) => span.start >= before.length)
    .map((d) => {
      const shift = (span: typeof d.span) => ({ start: span.start - before.length, end: span.end - before.length });
      return {
        ...d,
        span: shift(d.span),
        ...(d.fix === undefined ? {} : { fix: { ...d.fix, span: shift(d.fix.span) } }),
      };
    });
  const text = renderDiagnostics([{ file, text: sql, diagnostics: own }], 'text');
  // Blocks end at an empty line; the count at the end says nothing here.
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, own.length === 0 ? 0 : -1)
    .join('\n');
}

function prepare(
  text: string,
  report: Diagnostics,
  state: State,
  environment: TestEnvironment,
  tables: TestTables,
): Analysis {
  const variables = (name: string) => state.variables.get(name) ?? environment.variables?.(name);
  const script = parse(text, { report, variables });
  const { connectors, formats } = environment.registry;
  const memory = environment.memory(tables);
  return analyze(script, {
    registry: { connectors: [...connectors.map((c) => inMemory(c, memory)), memory], formats },
    functions,
    report,
    text,
    settings: new Map(/table\.local-time-zone/.test(text) ? [] : [['table.local-time-zone', 'UTC']]),
    now: () => state.now,
  });
}

async function inAllModes(block: TestBlock, state: State, environment: TestEnvironment): Promise<string> {
  let first: string | undefined;
  for (const mode of modes) {
    const answer = await answerIn(mode, block, state, environment);
    first ??= answer;
    if (answer !== first) return `${first}\nbut in mode '${mode.name}':\n${answer}`;
  }
  return first ?? '';
}

async function answerIn(mode: Mode, block: TestBlock, state: State, environment: TestEnvironment): Promise<string> {
  const query = block.kind === 'query' ? `${block.body};\n` : '';
  const text = `${state.statements.map((statement) => `${statement};\n`).join('')}${query}`;
  const tables = new TestTables(state.inputs, mode);
  const report = new Diagnostics();
  const analysis = prepare(text, report, state, environment, tables);
  if (report.hasErrors) return problemsOf(block.body, state, environment);
  const timeZone = analysis.settings['table.local-time-zone'] ?? 'UTC';
  const notNull = analysis.settings['table.exec.sink.not-null-enforcer'];
  const now = () => Number(state.now / 1000n);
  try {
    if (block.kind === 'output') {
      const plans = analysis.statements.flatMap(sinksOf).map((plan) => (mode.plain ? plan : optimizeSink(plan)));
      await execute(
        compilePipelines(plans, {
          ...sinkConstraintsOf(analysis.settings),
          deadLetters: analysis.deadLetters,
          lateRows: analysis.settings['cryptopipe.late-rows'],
        }),
        tables,
        { timeZone, notNull, now },
      );
      const [name = '', form] = block.argument.split(/\s+/);
      const shape = shapeOf(analysis, name);
      const fields = shape.columns.filter((column) => column.kind === 'physical' || !column.virtual);
      return form === 'changelog'
        ? showChanges(fields, tables.changes(shape.name), shape.primaryKey, timeZone)
        : showRows(fields, tables.written(shape.name), timeZone);
    }
    const statement = analysis.statements.at(-1);
    if (statement?.kind === 'listing') return showListing(statement.listing);
    if (statement?.kind !== 'select') return 'no query';
    const plan = mode.plain ? statement.plan : optimize(statement.plan);
    const rows = await collect(plan, environment, tables, { timeZone, notNull, now });
    return showRows(plan.fields, rows, timeZone);
  } catch (error) {
    if (error instanceof Error && error.name === 'RunError') return `error: ${error.message}`;
    throw error;
  }
}

/** The rows of a query, through a sink like those of INSERTs. */
async function collect(
  plan: Plan,
  environment: TestEnvironment,
  tables: TestTables,
  options: ExecuteOptions,
): Promise<readonly (readonly Scalar[])[]> {
  const compiled = compilePlan(plan);
  const columns = plan.fields.map(({ name, type }) => ({ kind: 'physical', name, type }) as const);
  const table: TableShape = { name: '(query)', columns, partitionedBy: [] };
  const connector = environment.memory(tables);
  const use = { table, options: {}, formats: new Map<string, never>() };
  const pipeline = {
    name: table.name,
    fields: plan.fields,
    sources: compiled.sources.map((source, i) => ({ ...source, id: `${source.table}#${i}` })),
    createSink: (context: Parameters<NonNullable<Connector['createSink']>>[2]) =>
      connector.createSink!(
        use,
        columns.map((_, i) => i),
        context,
      ),
    instantiate: compiled.instantiate,
  };
  await execute([pipeline], tables, options);
  return tables.written(table.name);
}

function shapeOf(analysis: Analysis, name: string): TableShape {
  const object = analysis.catalog.list().find(({ path }) => path.at(-1) === name);
  if (object?.kind !== 'table') throw new Error(`no table '${name}' for the rows of the test`);
  return object.definition.shape;
}

function sinksOf(statement: AnalyzedStatement): readonly SinkPlan[] {
  if (statement.kind === 'insert') return [statement.plan];
  return statement.kind === 'statement-set' ? statement.plans : [];
}

function showListing({ columns, rows }: Extract<AnalyzedStatement, { kind: 'listing' }>['listing']): string {
  const lines = rows.map((row) => row.map((value) => (value ?? 'NULL').replaceAll('\n', '\\n')).join(' | '));
  return [columns.join(' | '), ...lines].join('\n');
}

function planOf(block: TestBlock, state: State, environment: TestEnvironment): string {
  const text = `${state.statements.map((statement) => `${statement};\n`).join('')}${block.body};\n`;
  const report = new Diagnostics();
  const { statements } = prepare(text, report, state, environment, new TestTables(new Map(), modes[0]!));
  if (report.hasErrors) return problemsOf(block.body, state, environment);
  const last = statements.at(-1);
  const plans: (Plan | SinkPlan)[] =
    last === undefined ? [] : last.kind === 'select' ? [last.plan] : [...sinksOf(last)];
  const better = (plan: Plan | SinkPlan) => (plan.kind === 'sink' ? optimizeSink(plan) : optimize(plan));
  switch (block.argument) {
    case 'raw':
      return plans.map(explainText).join('\n');
    case 'code':
      return plans.flatMap((plan) => calcTexts(better(plan))).join('\n');
    default:
      return plans.map((plan) => explainText(better(plan))).join('\n');
  }
}
