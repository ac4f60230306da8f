import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Database, freshDatabase, startPostgres } from '../test/servers/index.ts';
import { machine } from './machine.ts';
import { type NexmarkLine, renderNexmark } from './nexmark-report.ts';
import { measure } from './process-figures.ts';
import { FlinkCluster, findFlink, flinkVersions } from './runners/flink.ts';
import { digestLines, digestPrinted, digestTotals, type TableDigest } from './table-digest.ts';

const { values: flags } = parseArgs({
  options: {
    'with-flink': { type: 'boolean', default: false },
    events: { type: 'string', default: '1000000' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});
const EXAMPLES = path.resolve('examples/nexmark');
const BIN = path.resolve('dist/bin/cryptopipe.js');
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const home = path.resolve('dist/bench/nexmark');
const events = Number(flags.events);
const inputs = makeEvents();
const queries = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.sql'))
  .map((name) => name.slice(0, -'.sql'.length))
  .filter((name) => flags.only === undefined || flags.only.split(',').includes(name))
  .sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));

/** Whose rows have their key first, and whose old rows Flink does not take back in `print`. */
const KEYED = new Set(['q9']);

const lines: NexmarkLine[] = [];
const postgres = queries.includes('q13') ? await startPostgres() : undefined;
const database = postgres && (await besides(postgres.url));
const flink = flags['with-flink'] ? new FlinkCluster(findFlink()) : undefined;
try {
  await flink?.start();
  for (const query of queries) await runQuery(query);
} finally {
  flink?.stop();
  await postgres?.remove();
}
const versions = `Node ${process.version}${flink === undefined ? '' : `, Flink ${flinkVersions.flink}`}`;
const command = `npm run bench:nexmark -- ${process.argv.slice(2).join(' ')}`;
process.stdout.write(renderNexmark({ machine: machine(), versions, command, events, lines }));
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(lines, null, 2)}\n`);
if (lines.some((line) => line.same === false)) process.exitCode = 1;

/** The folder of the events, which are written once for each count. */
function makeEvents(): string {
  const folder = path.join(home, `${events}`);
  mkdirSync(folder, { recursive: true });
  const script = path.join(folder, 'generate.mjs');
  if (!existsSync(path.join(folder, 'inputs', '.complete'))) {
    say(`writing ${events} events …`);
    copyFileSync(path.join(EXAMPLES, 'generate.js'), script);
    execFileSync(process.execPath, [script, `${events}`]);
    writeFileSync(path.join(folder, 'inputs', '.complete'), '');
  }
  return path.join(folder, 'inputs');
}

/** A database with q13's table beside. */
async function besides(url: string): Promise<Database> {
  const made = await freshDatabase(url);
  await made.query('CREATE TABLE side_input (id BIGINT PRIMARY KEY, value TEXT)');
  await made.query("INSERT INTO side_input SELECT i, 'value ' || i FROM generate_series(0, 9999) AS i");
  return made;
}

/** A query once for its result, which warms Flink up, and once into a sink that costs nothing, measured. */
async function runQuery(query: string): Promise<void> {
  const ours = await resultHere(query);
  const figures = await run(query, measured(query));
  say(`${query}: ${figures.seconds.toFixed(1)} s, ${figures.cpu.toFixed(1)} s CPU, ${figures.memory.toFixed(0)} MB`);
  if (flink === undefined) {
    lines.push({ query, rows: ours.rows, here: figures });
    return;
  }
  const theirs = await resultOfFlink(query, flink);
  const other = await flink.run(measured(query));
  say(`${query}, Flink: ${other.seconds.toFixed(1)} s, ${other.cpu.toFixed(1)} s CPU, ${other.memory.toFixed(0)} MB`);
  const same = ours.text === theirs.text;
  if (!same) say(`${query}: here ${ours.text}; Flink ${theirs.text}`);
  lines.push({ query, rows: ours.rows, same, here: figures, flink: other });
}

function jobOf(query: string, out: string): string {
  const places: Readonly<Record<string, string | undefined>> = {
    DIR: inputs,
    OUT: out,
    JDBC_URL: database?.jdbcUrl,
    JDBC_USER: database?.user,
    JDBC_PASSWORD: database?.password,
  };
  const text = readFileSync(path.join(EXAMPLES, `${query}.sql`), 'utf8');
  return text.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, or: string) => places[name] ?? or);
}

/** The job with a sink that costs nothing, but for q10, which is about files. */
function measured(query: string): string {
  const job = jobOf(query, fresh('measured'));
  if (query === 'q10') return job;
  const table = job.indexOf(`CREATE TABLE ${query} `);
  return (
    job.slice(0, table) + job.slice(table).replace(/WITH \([\s\S]*?\n\);/, "WITH (\n  'connector' = 'blackhole'\n);")
  );
}

function fresh(name: string): string {
  const folder = path.join(home, name);
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

async function run(query: string, job: string, output = '/dev/null') {
  const file = path.join(home, `${query}.sql`);
  writeFileSync(file, job);
  const command = `exec "${process.execPath}" "${BIN}" run --fresh --log-format json "${file}" > "${output}"`;
  return measure('bash', ['-c', command], { cwd: home });
}

async function resultHere(query: string): Promise<TableDigest> {
  const out = fresh('here');
  const printed = path.join(home, 'printed');
  await run(query, jobOf(query, out), printed);
  return existsSync(out) ? digestFiles(path.join(out, query)) : digestOf(query, printed, 0);
}

async function resultOfFlink(query: string, cluster: FlinkCluster): Promise<TableDigest> {
  const out = fresh('flink');
  const before = statSync(cluster.output).size;
  await cluster.run(jobOf(query, out));
  return existsSync(out) ? digestFiles(path.join(out, query)) : digestOf(query, cluster.output, before);
}

/** Of q12, whose windows go by the clock, only the bids of each bidder can be compared. */
async function digestOf(query: string, file: string, start: number): Promise<TableDigest> {
  return query === 'q12' ? digestTotals(file, start) : digestPrinted(file, start, KEYED.has(query));
}

async function digestFiles(folder: string): Promise<TableDigest> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => path.join(entry.parentPath, entry.name));
  return digestLines(files, (file) => path.dirname(path.relative(folder, file)));
}
