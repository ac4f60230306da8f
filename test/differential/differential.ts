import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { registry } from '../../connectors/index.ts';
import { memory } from '../../connectors/memory/memory.ts';
import { type BlockResult, runTestFile } from '../../engine/testing/run-test-file.ts';
import { Flink, type FlinkAnswer } from './flink.ts';
import { query, queryKinds } from './queries/query.ts';
import { Random } from './random.ts';
import type { Writing } from './relation.ts';
import { type SceneTable, scene } from './scene.ts';
import { shrink } from './shrink.ts';
import { finalTable, type Question, testText, usedBy } from './test-text.ts';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '20' },
    query: { type: 'string' },
    kind: { type: 'string' },
    depth: { type: 'string', default: '2' },
    keep: { type: 'string' },
    agreed: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
/** Queries over one set of tables: one job of Flink. */
const QUERIES = 20;
const environment = { registry, memory };
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** What came of a query: both answered alike, or not, or one of them did not answer. */
type Outcome =
  | 'agreed'
  | 'agreed on no rows'
  | 'differs'
  | 'types differ'
  | 'refused by both'
  | 'refused here'
  | 'refused by Flink';

interface Asked extends Question {
  readonly name: string;
  readonly kind: string;
}

const tally = new Map<string, Map<Outcome, number>>();

const home = process.env.FLINK_HOME;
if (home === undefined) {
  process.stderr.write(
    'There is no Flink to ask: set FLINK_HOME to the folder of an unpacked Flink 2.2 (with lib/).\n',
  );
  process.exit(2);
}
const classes = mkdtempSync(path.join(tmpdir(), 'cryptopipe-differential-'));
const flink = await Flink.start(home, path.resolve('test/differential/flink'), classes);
const began = Date.now();
let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
});
try {
  const first = Number(flags.seed);
  let seed = first;
  let next: ReturnType<typeof askScene> | undefined = askScene(seed);
  while (next !== undefined) {
    const current = next;
    seed++;
    // Flink plans the next scene while this one is compared.
    next = stopped || seed >= first + Number(flags.count) ? undefined : askScene(seed);
    await compareScene(current);
    if (flags.verbose && seed % 10 === 0) process.stderr.write(`up to seed ${seed - 1}\n`);
  }
} finally {
  flink.close();
  rmSync(classes, { recursive: true, force: true });
}
for (const [kind, outcomes] of [...tally].sort()) say(`${kind}: ${tallyText(outcomes)}`);
const total = new Map<Outcome, number>();
for (const outcomes of tally.values()) {
  for (const [outcome, count] of outcomes) total.set(outcome, (total.get(outcome) ?? 0) + count);
}
const count = [...total.values()].reduce((sum, each) => sum + each, 0);
const minutes = (Date.now() - began) / 60_000;
say(`${count} queries, ${Math.round(count / minutes)} a minute: ${tallyText(total)}`);
process.exitCode = total.has('differs') ? 1 : 0;

function tallyText(outcomes: ReadonlyMap<Outcome, number>): string {
  return [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

/** One set of tables, queries over it, and what Flink is going to answer. */
function askScene(seed: number) {
  const tables = scene(new Random(seed));
  const asked = Array.from({ length: QUERIES }, (_, i): Asked => {
    const random = new Random(seed * 1000 + i);
    const kind = flags.kind ?? random.pick(queryKinds);
    const writing: Writing = { random, views: [] };
    const { sql } = query(writing, kind, random.below(Number(flags.depth) + 1));
    return { views: writing.views, sql, name: `${seed}.${i}`, kind };
  }).filter((_, i) => flags.query === undefined || Number(flags.query) === i);
  return { tables, asked, answers: flink.ask(tables, asked) };
}

async function compareScene({ tables, asked, answers }: ReturnType<typeof askScene>): Promise<void> {
  const ours: (readonly BlockResult[])[] = [];
  for (const question of asked) ours.push(await answerHere(tables, question));
  const theirs = await answers;
  const agreed: { readonly question: Asked; readonly expected: string }[] = [];
  for (const [i, question] of asked.entries()) {
    const outcome = await judge(tables, question, ours[i]!, theirs[i]!);
    const expected = ours[i]!.at(-1)!.actual;
    // Views of several questions would have one name.
    if (outcome === 'agreed' && question.views.length === 0) agreed.push({ question, expected });
    const outcomes = tally.get(question.kind) ?? new Map<Outcome, number>();
    tally.set(question.kind, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
  }
  if (flags.agreed !== undefined && agreed.length > 0) {
    const seed = asked[0]!.name.split('.')[0];
    const title = `Seed ${seed} of the differential test: what Flink 2.2.1 answers in streaming mode too.`;
    keep(flags.agreed, `${seed}.test.slt`, testText(tables, title, agreed));
  }
}

function keep(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

async function answerHere(tables: readonly SceneTable[], question: Question): Promise<readonly BlockResult[]> {
  return (await runTestFile(testText(tables, '', [{ question, expected: '' }]), environment)).results;
}

/** Says what does not agree, and keeps it with as few rows as show it. */
async function judge(
  tables: readonly SceneTable[],
  question: Asked,
  results: readonly BlockResult[],
  theirs: FlinkAnswer,
): Promise<Outcome> {
  const { name, kind } = question;
  const text = [...question.views, question.sql].join(';\n');
  const outcome = compare(results, theirs);
  if (outcome === 'refused by Flink' && flags.verbose) {
    say(`${name} refused by Flink: ${'error' in theirs ? theirs.error.split('\n')[0] : ''}\n${text}\n`);
  }
  if (outcome === 'refused here') {
    say(`${name} refused here: ${(results.find(({ passed }) => !passed) ?? results.at(-1)!).actual}\n${text}\n`);
  }
  if ((outcome !== 'differs' && outcome !== 'types differ') || 'error' in theirs) return outcome;
  let least = usedBy(question, tables);
  let [here, there] = [results, theirs];
  if (flags.shrink && outcome === 'differs') {
    least = await shrink(least, async (fewer) => {
      const [ours, [answer]] = await Promise.all([answerHere(fewer, question), flink.ask(fewer, [question])]);
      if (compare(ours, answer!) !== 'differs' || 'error' in answer!) return false;
      [here, there] = [ours, answer!];
      return true;
    });
  }
  const expected = finalTable(there);
  const title = `Seed ${name} of the differential test (${kind}): what Flink 2.2.1 answers in streaming mode.`;
  const file = testText(least, title, [{ question, expected }]);
  say(`${name} ${outcome}\n${flags.shrink ? file : `${text}\nFlink:\n${expected}\n`}here:\n${here.at(-1)!.actual}\n`);
  if (flags.keep !== undefined) {
    const byKey = least.some(({ upsert }) => upsert);
    keep(flags.keep, `${name.replace('.', '-')}-${kind}${byKey ? '.test' : ''}.slt`, file);
  }
  return outcome;
}

function compare(results: readonly BlockResult[], theirs: FlinkAnswer): Outcome {
  const ours = results.at(-1)!;
  const refused = /^error(\[|:)/.test(ours.actual);
  if ('error' in theirs) return refused ? 'refused by both' : 'refused by Flink';
  if (refused || results.some(({ block }) => block.kind === 'statement')) return 'refused here';
  const expected = finalTable(theirs);
  const agreed = rowsOf(expected) === '' ? 'agreed on no rows' : 'agreed';
  if (ours.actual === expected) return agreed;
  if (rowsOf(ours.actual) !== rowsOf(expected)) return 'differs';
  // What cannot be NULL is known better here or there.
  const types = (table: string) => table.split('\n')[0]!.replaceAll(' NOT NULL', '');
  return types(ours.actual) === types(expected) ? agreed : 'types differ';
}

function rowsOf(table: string): string {
  return table.includes('\n') ? table.slice(table.indexOf('\n')) : '';
}
