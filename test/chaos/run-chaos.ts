import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProxy } from '../connectors/postgres/proxy.ts';
import { type RunningBin, startBin } from '../end-to-end/bin.ts';
import {
  createTopic,
  type Database,
  freshDatabase,
  type OwnKafka,
  type OwnPostgres,
  query,
  readTopic,
  startKafka,
  startPostgres,
} from '../servers/index.ts';
import { type Fault, faultPlan } from './fault-plan.ts';
import { KEYS, startNumberedFlow } from './numbered-flow.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly faults: number;
  /** Kinds of faults, separated by commas; all where empty. */
  readonly only?: string;
  /** Where the numbers go, exactly once. */
  readonly sink: 'postgres' | 'kafka';
  say(text: string): void;
}

/** What arrived, in the terms of what was sent. */
export interface ChaosResult {
  readonly sent: number;
  /** Numbers in the topic that was read; more than `sent` would be the fault of the test's producer. */
  readonly produced: Arrived;
  /** Into a table without key, or a topic. */
  readonly appended: Arrived;
  /** Keys whose row is not their last number; undefined where no table with a key is written. */
  readonly wrongKeys: number | undefined;
  /** What processes said and did that they should not. */
  readonly complaints: readonly string[];
}

export interface Arrived {
  readonly rows: number;
  readonly different: number;
}

const PARTITIONS = 4;
const TIMEOUT = 3000;
const MOST_PROCESSES = 3;
/** How long everything may take to arrive after the last fault. */
const PATIENCE = 120_000;

/** Runs a job in two or three processes through the faults of a seed and counts what came of it. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { say } = options;
  const endings: (() => unknown)[] = [];
  try {
    const kafka = await startKafka();
    endings.push(() => kafka.remove());
    const postgres = await startPostgres();
    endings.push(() => postgres.remove());
    const database = await freshDatabase(postgres.url);
    await database.query('CREATE TABLE appended (n BIGINT)');
    await database.query('CREATE TABLE latest (k BIGINT PRIMARY KEY, n BIGINT)');
    const proxy = await startProxy(database.url);
    endings.push(() => proxy.close());
    const topic = await createTopic(kafka.address, { partitions: PARTITIONS });
    const out = await createTopic(kafka.address, { partitions: PARTITIONS });
    const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-chaos-'));
    endings.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'chaos.sql');
    writeFileSync(file, jobText(options.sink, kafka.address, { in: topic, out }, proxy.url, database));

    const processes = new Processes(file, folder, say, options.sink === 'kafka');
    endings.push(() => processes.killAll());
    const flow = startNumberedFlow(kafka.address, topic);
    endings.push(() => flow.stop().catch(() => undefined));
    processes.start();
    processes.start();
    for (const [i, fault] of faultPlan(options.seed, options.faults, TIMEOUT, options.only).entries()) {
      await sleep(fault.wait);
      say(`fault ${i + 1}/${options.faults}: ${fault.kind} (${flow.sent} sent)`);
      await bring(fault, { kafka, postgres, processes, flow, proxy });
    }
    const sent = await flow.stop();
    processes.atLeast(2);
    say(`${sent} sent, waiting for the last of them`);
    const read = () => (options.sink === 'postgres' ? countTable(database.url) : countTopic(kafka.address, out));
    // The tables are written by pipelines of their own: one may be far behind the other.
    const arrived = async () =>
      (await read()).different >= sent &&
      (options.sink === 'kafka' || (await countWrongKeys(database.url, sent)) === 0);
    const until = Date.now() + PATIENCE;
    while (!(await arrived()) && Date.now() < until && !processes.allDead) await sleep(1000);
    // Whatever is still written now is too much.
    await sleep(2000);
    await processes.endAll();
    return {
      sent,
      produced: await countTopic(kafka.address, topic),
      appended: await read(),
      wrongKeys: options.sink === 'postgres' ? await countWrongKeys(database.url, sent) : undefined,
      complaints: processes.complaints,
    };
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

interface Victims {
  readonly kafka: OwnKafka;
  readonly postgres: OwnPostgres;
  readonly processes: Processes;
  readonly flow: ReturnType<typeof startNumberedFlow>;
  readonly proxy: Awaited<ReturnType<typeof startProxy>>;
}

async function bring(fault: Fault, { kafka, postgres, processes, flow, proxy }: Victims): Promise<void> {
  switch (fault.kind) {
    case 'kill':
      await processes.end(fault.process, 'SIGKILL');
      await sleep(fault.length);
      processes.start();
      return;
    case 'freeze':
      await processes.freeze(fault.process, fault.length);
      return;
    case 'leave':
      await processes.end(fault.process, 'SIGTERM');
      await sleep(fault.length);
      processes.atLeast(2);
      return;
    case 'join':
      processes.atLeast(MOST_PROCESSES);
      return;
    case 'cut':
      proxy.cut();
      return;
    case 'cut-before':
      proxy.cutAt('_wp', 'before');
      return;
    case 'cut-after':
      proxy.cutAt('_wp', 'after');
      return;
    case 'broker':
      await flow.pause();
      await kafka.stop();
      await sleep(fault.length);
      await kafka.restart();
      flow.resume();
      return;
    case 'postgres':
      await postgres.stop();
      await sleep(fault.length);
      await postgres.restart();
      return;
    case 'crash':
      await postgres.kill();
      await sleep(fault.length + 1000);
      await postgres.restart();
      return;
  }
}

/** The processes that run the job. */
class Processes {
  readonly complaints: string[] = [];
  readonly #running: RunningBin[] = [];
  readonly #file: string;
  readonly #folder: string;
  readonly #say: (text: string) => void;
  /** The newest process takes over, the older ones end as they should. */
  readonly #oneWorker: boolean;

  constructor(file: string, folder: string, say: (text: string) => void, oneWorker: boolean) {
    this.#oneWorker = oneWorker;
    this.#file = file;
    this.#folder = folder;
    this.#say = say;
  }

  get allDead(): boolean {
    return this.#running.length === 0;
  }

  start(): void {
    const bin = startBin(['run', this.#file, '--log-format', 'json'], { cwd: this.#folder });
    this.#running.push(bin);
    void bin.exited.then((code) => {
      const at = this.#running.indexOf(bin);
      if (at < 0) return;
      this.#running.splice(at, 1);
      if (this.#oneWorker && bin.stderr.includes('"code":"fenced"')) return;
      this.complaints.push(`a process ended by itself (${code}):\n${bin.stderr.slice(-2000)}`);
    });
  }

  atLeast(count: number): void {
    while (this.#running.length < count) this.start();
  }

  /** Ends one of them by a signal that it has to obey. */
  async end(which: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.#running.length === 0) return;
    const [bin] = this.#running.splice(which % this.#running.length, 1) as [RunningBin];
    const code = await bin.end(signal).catch((error: Error) => error.message);
    // A signal that comes before the program runs ends it as any program.
    if (signal === 'SIGTERM' && code !== 0 && bin.stderr !== '') {
      this.complaints.push(`SIGTERM ended a process with ${code}:\n${bin.stderr.slice(-2000)}`);
    }
    this.#tell(bin);
  }

  async freeze(which: number, length: number): Promise<void> {
    if (this.#running.length === 0) return;
    const bin = this.#running[which % this.#running.length]!;
    process.kill(bin.pid, 'SIGSTOP');
    await sleep(length);
    // It may have been about to end.
    if (this.#running.includes(bin)) process.kill(bin.pid, 'SIGCONT');
  }

  async endAll(): Promise<void> {
    while (this.#running.length > 0) await this.end(0, 'SIGTERM');
  }

  async killAll(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((bin) => bin.end('SIGKILL')));
  }

  #tell(bin: RunningBin): void {
    const events = new Map<string, number>();
    for (const line of bin.stderr.split('\n')) {
      const { event, code } = parsed(line);
      const name = code === undefined ? event : `${event} (${code})`;
      if (name !== undefined) events.set(name, (events.get(name) ?? 0) + 1);
    }
    this.#say(`  ended: ${[...events].map(([name, n]) => `${name} ${n}`).join(', ')}`);
  }
}

function parsed(line: string): { event?: string; code?: string } {
  try {
    return JSON.parse(line) as { event?: string; code?: string };
  } catch {
    return line === '' ? {} : { event: line };
  }
}

function jobText(
  sink: ChaosOptions['sink'],
  kafka: string,
  topics: { in: string; out: string },
  url: string,
  database: Database,
): string {
  const source = `
SET 'cryptopipe.worker.timeout' = '${TIMEOUT} ms';
CREATE TABLE numbers (n BIGINT, k BIGINT) WITH (
  'connector' = 'kafka', 'topic' = '${topics.in}', 'properties.bootstrap.servers' = '${kafka}',
  'properties.group.id' = 'chaos', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');`;
  if (sink === 'kafka') {
    return `${source}
CREATE TABLE appended (n BIGINT, k BIGINT) WITH (
  'connector' = 'kafka', 'topic' = '${topics.out}', 'properties.bootstrap.servers' = '${kafka}', 'format' = 'json',
  'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'chaos');
INSERT INTO appended SELECT n, k FROM numbers;`;
  }
  const { host, pathname } = new URL(url);
  const jdbc = `'connector' = 'jdbc', 'url' = 'jdbc:postgresql://${host}${pathname}',
  'username' = '${database.user}', 'password' = '${database.password}'`;
  return `${source}
CREATE TABLE appended (n BIGINT) WITH (${jdbc}, 'table-name' = 'appended');
CREATE TABLE latest (k BIGINT, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH (${jdbc}, 'table-name' = 'latest');
INSERT INTO appended SELECT n FROM numbers;
INSERT INTO latest SELECT k, n FROM numbers;`;
}

async function countTable(url: string): Promise<Arrived> {
  const [found] = await query(url, 'SELECT count(*)::int AS rows, count(DISTINCT n)::int AS different FROM appended');
  return found as unknown as Arrived;
}

async function countTopic(kafka: string, topic: string): Promise<Arrived> {
  const messages = await readTopic(kafka, topic);
  return {
    rows: messages.length,
    different: new Set(messages.map((m) => (JSON.parse(m.value!) as { n: number }).n)).size,
  };
}

async function countWrongKeys(url: string, sent: number): Promise<number> {
  const [found] = await query(
    url,
    `SELECT count(*)::int AS wrong FROM generate_series(0, ${KEYS - 1}) AS k LEFT JOIN latest USING (k)
     WHERE n IS DISTINCT FROM (SELECT max(m) FROM generate_series(k, ${sent - 1}, ${KEYS}) AS m)`,
  );
  return found!.wrong as number;
}
