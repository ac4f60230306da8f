import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { check, type Log, run } from '../../engine/index.ts';

/**
 * Whole jobs and what Apache Flink 2.2.1 wrote for them: `job.sql`, `inputs/`, and either `expected-sink.jsonl` (the very
 * lines of Flink's json format, sorted; of several sinks `name<TAB>line`) or `expected-error.txt` (`validate: …`, `run: …`).
 */
interface Outcome {
  /** `validate`, `run` or `wrote`. */
  readonly phase: string;
  /** Sorted lines, or why there are none. */
  readonly text: string;
}

interface Difference {
  /** A part of a line that Flink writes, and what stands there here; the rest must agree. */
  readonly flink: string;
  readonly here: string;
  readonly reason: string;
}

/** What is answered otherwise than by Flink on purpose; docs/differences.md tells it to users. */
const differences: Readonly<Record<string, Difference>> = {
  json_bool_into_number: {
    flink: '"s":null,"b":null}',
    here: '"s":"obj","b":null}',
    reason: 'an object where a number is declared hides the next field from Flink',
  },
  json_ts_sql: {
    flink: '"t6":"2024-01-02 03:04:05.123456789"',
    here: '"t6":"2024-01-02 03:04:05.123456"',
    reason: 'times are kept in microseconds',
  },
  try_cast_columns: {
    flink: '{"id":5,"i":null,"d":null,"m":0,',
    here: '{"id":5,"i":null,"d":null,"m":null,',
    reason: 'one bad last character of a text is no digit, and such a text no DECIMAL',
  },
};

const given =
  process.env.CRYPTOPIPE_CONFORMANCE ?? path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'conformance');
const folder = existsSync(path.join(given, 'jobs')) ? path.join(given, 'jobs') : path.join(import.meta.dirname, 'jobs');
const scratch = mkdtempSync(path.join(tmpdir(), 'cryptopipe-jobs-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

const stateless = readdirSync(folder)
  .sort()
  .filter((name) => (JSON.parse(readFileSync(path.join(folder, name, 'meta.json'), 'utf8')) as Meta).stateless);

interface Meta {
  readonly stateless: boolean;
  readonly sinks: readonly string[];
}

const agreed: string[] = [];
afterAll(() => {
  const told = stateless
    .filter((name) => differences[name] !== undefined)
    .map((name) => `${name}: ${differences[name]!.reason}`);
  const share = `${agreed.length} of ${stateless.length} stateless jobs answer what Flink answers`;
  console.info([share, ...told].join('\n  on purpose otherwise: '));
});

test.each(stateless)('%s', async (name) => {
  const expected = recorded(name);
  const actual = await outcome(name);
  expect(actual.phase, actual.text).toBe(expected.phase);
  if (expected.phase !== 'wrote') {
    agreed.push(name);
    return;
  }
  const difference = differences[name];
  if (difference === undefined) {
    expect(actual.text).toBe(expected.text);
    agreed.push(name);
    return;
  }
  expect(expected.text).toContain(difference.flink);
  expect(actual.text, difference.reason).toBe(expected.text.replace(difference.flink, difference.here));
});

function recorded(name: string): Outcome {
  const error = path.join(folder, name, 'expected-error.txt');
  if (existsSync(error)) {
    const [phase, ...rest] = readFileSync(error, 'utf8').trim().split(': ');
    return { phase: phase!, text: rest.join(': ') };
  }
  return { phase: 'wrote', text: readFileSync(path.join(folder, name, 'expected-sink.jsonl'), 'utf8').trimEnd() };
}

async function outcome(name: string): Promise<Outcome> {
  const home = path.join(scratch, name);
  const places: Readonly<Record<string, string>> = { DIR: path.join(folder, name, 'inputs'), OUT: home };
  const text = readFileSync(path.join(folder, name, 'job.sql'), 'utf8');
  const job = check(
    { file: `${name}.sql`, text },
    {
      registry,
      variables: (key) => places[key],
      // The answers were recorded in UTC where the job does not say otherwise.
      ...(text.includes('table.local-time-zone') ? {} : { settings: new Map([['table.local-time-zone', 'UTC']]) }),
    },
  );
  const mistake = job.diagnostics.find((d) => d.severity === 'error');
  if (mistake !== undefined) return { phase: 'validate', text: `${mistake.code}: ${mistake.message}` };
  try {
    const options = { log, createTables: true, fresh: true, checkpointFolder: path.join(home, 'checkpoints') };
    await run(job, options).done;
  } catch (error) {
    return { phase: 'run', text: error instanceof Error ? error.message : String(error) };
  }
  const { sinks } = JSON.parse(readFileSync(path.join(folder, name, 'meta.json'), 'utf8')) as Meta;
  const lines = sinks.flatMap((sink) =>
    linesOf(path.join(home, sink)).map((line) => (sinks.length === 1 ? line : `${sink}\t${line}`)),
  );
  return { phase: 'wrote', text: lines.sort().join('\n') };
}

/** All lines that a filesystem sink left in its folder. */
function linesOf(sink: string): string[] {
  if (!existsSync(sink)) return [];
  return readdirSync(sink, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8').split('\n'))
    .filter((line) => line !== '');
}
