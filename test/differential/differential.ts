import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { json } from '../../connectors/formats/json.ts';
import { memory } from '../../connectors/memory/memory.ts';
import { runTestFile } from '../../engine/testing/run-test-file.ts';
import { Flink, type FlinkAnswer } from './flink.ts';
import { query, queryKinds } from './queries/query.ts';
import { Random } from './random.ts';
import type { Writing } from './relation.ts';
import { type SceneTable, scene } from './scene.ts';
import { copies, finalTable, type Question, testText } from './test-text.ts';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '20' },
    kind: { type: 'string' },
    depth: { type: 'string', default: '2' },
    keep: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
const QUERIES = 10;
const environment = { registry: { connectors: [], formats: [json] }, memory };
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** What came of a query: both answered alike, or not, or one of them did not answer. */
type Outcome = 'agreed' | 'differs' | 'types differ' | 'refused by both' | 'refused here' | 'refused by Flink';

const tally = new Map<string, Map<Outcome, number>>();

const home = process.env.FLINK_HOME;
if (home === undefined) {
  process.stderr.write(
    'There is no Flink to ask: set FLINK_HOME to the folder of an unpacked Flink 2.2 (with lib/).\n',
  );
  process.exit(2);
}
const flink = await Flink.start(home, path.resolve('test/differential/AskFlink.java'));
const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-differential-'));
try {
  const first = Number(flags.seed);
  for (let seed = first; seed < first + Number(flags.count); seed++) await compareScene(seed);
} finally {
  flink.close();
  rmSync(folder, { recursive: true, force: true });
}
for (const [kind, outcomes] of [...tally].sort()) {
  say(`${kind}: ${[...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`);
}
const bad = [...tally.values()].some((outcomes) => outcomes.has('differs'));
process.exitCode = bad ? 1 : 0;

/** One set of tables, and queries over it. */
async function compareScene(seed: number): Promise<void> {
  const tables = scene(new Random(seed));
  await flink.forget();
  for (const table of tables) await give(table);
  for (let i = 0; i < QUERIES; i++) {
    const random = new Random(seed * 1000 + i);
    const kind = flags.kind ?? random.pick(queryKinds);
    const writing: Writing = { random, views: [] };
    const { sql } = query(writing, kind, random.below(Number(flags.depth) + 1));
    const question = { tables, views: writing.views, sql };
    const outcome = await compare(question, `${seed}.${i}`, kind);
    const outcomes = tally.get(kind) ?? new Map<Outcome, number>();
    tally.set(kind, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
  }
}

/** Lets Flink have a table as a file. */
async function give({ name, columns, rows }: SceneTable): Promise<void> {
  const file = path.join(folder, `${name}.jsonl`);
  writeFileSync(file, rows.map((row) => `${row}\n`).join(''));
  const options = `'connector' = 'filesystem', 'format' = 'json', 'path' = '${file}'`;
  const answer = await flink.ask(`CREATE TABLE ${name} (${columns}) WITH (${options})`);
  if ('error' in answer) throw new Error(answer.error);
}

/** The changelog of a query with what each change takes back: Flink leaves that out where a key would tell. */
async function askFinal(sql: string): Promise<FlinkAnswer> {
  const plain = await flink.ask(sql);
  if ('error' in plain) return plain;
  const told = new Set(plain.changes.map(([kind]) => kind));
  if (!told.has('+U') || told.has('-U')) return plain;
  const names = plain.columns.map(([name]) => name).join(', ');
  const counted = await flink.ask(`SELECT ${names}, COUNT(*) AS copies FROM (${sql}) GROUP BY ${names}`);
  return 'error' in counted ? counted : { columns: plain.columns, changes: copies(counted.changes) };
}

async function compare(question: Question, name: string, kind: string): Promise<Outcome> {
  for (const view of question.views) {
    const made = await flink.ask(view);
    if ('error' in made) throw new Error(`${name}: ${view}: ${made.error}`);
  }
  const theirs = await askFinal(question.sql);
  for (const view of question.views) await flink.ask(`DROP VIEW ${view.split(' ')[2]}`);
  const title = `Seed ${name} of the differential test (${kind}): what Flink 2.2.1 answers in streaming mode.`;
  const { results } = await runTestFile(testText(question, title, ''), environment);
  const ours = results.at(-1)!;
  const refused = /^error(\[|:)/.test(ours.actual);
  const wrong = results.find(({ block }) => block.kind === 'statement');
  const text = [...question.views, question.sql].join(';\n');
  if ('error' in theirs) {
    if (refused) return 'refused by both';
    if (flags.verbose) say(`${name} refused by Flink: ${theirs.error.split('\n')[0]}\n${text}\n`);
    return 'refused by Flink';
  }
  if (refused || wrong !== undefined) {
    say(`${name} refused here: ${(wrong ?? ours).actual}\n${text}\n`);
    return 'refused here';
  }
  const expected = finalTable(theirs);
  if (ours.actual === expected) return 'agreed';
  const typesOnly = rowsOf(ours.actual) === rowsOf(expected);
  // What cannot be NULL is known better here or there.
  const types = (table: string) => table.split('\n')[0]!.replaceAll(' NOT NULL', '');
  if (typesOnly && types(ours.actual) === types(expected)) return 'agreed';
  say(`${name} ${typesOnly ? 'types differ' : 'differs'}\n${text}\nhere:\n${ours.actual}\nFlink:\n${expected}\n`);
  if (flags.keep !== undefined) {
    mkdirSync(flags.keep, { recursive: true });
    writeFileSync(path.join(flags.keep, `${name.replace('.', '-')}.slt`), testText(question, title, expected));
  }
  return typesOnly ? 'types differ' : 'differs';
}

function rowsOf(table: string): string {
  return table.includes('\n') ? table.slice(table.indexOf('\n')) : '';
}
