import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/servers/index.ts';
import type { LiveJob } from '../latency.ts';
import { usageOf } from '../process-figures.ts';

const VERSIONS = {
  flink: '2.2.1',
  kafkaConnector: '5.0.0-2.2',
  jdbcConnector: '4.0.0-2.0',
  postgresDriver: '42.7.14',
} as const;

export const flinkVersions = VERSIONS;

/** A Flink distribution with its Kafka and JDBC connectors: FLINK_HOME, or assembled once below ~/.cache. */
export function findFlink(): string {
  const named = process.env.FLINK_HOME;
  if (named !== undefined) return named;
  const home = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'cryptopipe', 'flink-2.2.1');
  if (existsSync(path.join(home, '.complete'))) return home;
  process.stderr.write('fetching Flink from PyPI and Maven Central (330 MB) …\n');
  const scratch = mkdtempSync(path.join(tmpdir(), 'flink-'));
  const run = (command: string, args: readonly string[]) => execFileSync(command, args, { stdio: ['ignore', 2, 2] });
  const wheels = ['apache-flink', 'apache-flink-libraries'].map((name) => `${name}==${VERSIONS.flink}`);
  run('python3', ['-m', 'pip', 'download', '-q', '--no-deps', '--only-binary', ':all:', '-d', scratch, ...wheels]);
  for (const wheel of execFileSync('ls', [scratch], { encoding: 'utf8' }).trim().split('\n')) {
    run('python3', ['-m', 'zipfile', '-e', path.join(scratch, wheel), path.join(scratch, 'x')]);
  }
  mkdirSync(path.join(home, 'log'), { recursive: true });
  for (const folder of ['bin', 'conf', 'lib', 'opt', 'plugins']) {
    const from = path.join(scratch, 'x', 'pyflink', folder);
    if (existsSync(from)) cpSync(from, path.join(home, folder), { recursive: true });
  }
  run('bash', ['-c', `chmod +x "${home}"/bin/*.sh`]);
  const jar = (artifact: string, to: string) =>
    run('mvn', [
      '-q',
      '-B',
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy',
      `-Dartifact=${artifact}`,
      `-DoutputDirectory=${path.join(home, to)}`,
    ]);
  jar(`org.apache.flink:flink-sql-connector-kafka:${VERSIONS.kafkaConnector}`, 'lib');
  jar(`org.apache.flink:flink-connector-jdbc-core:${VERSIONS.jdbcConnector}`, 'lib');
  jar(`org.apache.flink:flink-connector-jdbc-postgres:${VERSIONS.jdbcConnector}`, 'lib');
  jar(`org.postgresql:postgresql:${VERSIONS.postgresDriver}`, 'lib');
  jar(`org.apache.flink:flink-sql-gateway:${VERSIONS.flink}`, 'opt');
  writeFileSync(path.join(home, '.complete'), '');
  rmSync(scratch, { recursive: true, force: true });
  return home;
}

export interface FlinkRun {
  /** From the job's start to its end, as the JobManager tells: neither client nor scheduling is counted. */
  readonly seconds: number;
  /** CPU seconds of the TaskManager. */
  readonly cpu: number;
  /** JobManager and TaskManager, peak, MB. */
  readonly memory: number;
  /** Records that the sources read. */
  readonly read: number;
  /** From calling the client to the job's end, seconds. */
  readonly client: number;
}

/** A standalone cluster of one TaskManager of 2 GB, on loopback. */
export class FlinkCluster {
  readonly #home: string;
  readonly #conf: string;
  #taskManager = 0;
  #jobManager = 0;
  #rest = '';

  constructor(home: string) {
    this.#home = home;
    this.#conf = mkdtempSync(path.join(tmpdir(), 'flink-conf-'));
    cpSync(path.join(home, 'conf'), this.#conf, { recursive: true });
  }

  /** Of this cluster alone, whatever other clusters the machine runs. */
  get #env(): NodeJS.ProcessEnv {
    const folder = this.#conf;
    return {
      ...process.env,
      FLINK_HOME: this.#home,
      FLINK_CONF_DIR: folder,
      FLINK_LOG_DIR: folder,
      FLINK_PID_DIR: folder,
    };
  }

  async start(): Promise<void> {
    const [rpc, port] = [await freePort(), await freePort()];
    const text = readFileSync(path.join(this.#conf, 'config.yaml'), 'utf8');
    writeFileSync(
      path.join(this.#conf, 'config.yaml'),
      text
        .replace(/(taskmanager:[\s\S]*?process:[\s\S]*?size: )\S+/, '$12048m')
        .replace(/numberOfTaskSlots: \d+/, 'numberOfTaskSlots: 2')
        .replace(/port: 6123/, `port: ${rpc}`)
        .replace(/^rest:$/m, `rest:\n  port: ${port}`),
    );
    this.#rest = `http://127.0.0.1:${port}`;
    execFileSync(path.join(this.#home, 'bin', 'start-cluster.sh'), { env: this.#env, stdio: 'ignore' });
    for (let i = 0; i < 240; i++) {
      const overview = await this.#ask<{ taskmanagers: number }>('/overview').catch(() => undefined);
      if (overview?.taskmanagers === 1) break;
      await sleep(250);
    }
    this.#taskManager = this.#pidOf('TaskManagerRunner');
    this.#jobManager = this.#pidOf('StandaloneSessionClusterEntrypoint');
  }

  /** The file that `print` sinks write to. */
  get output(): string {
    const name = readdirSync(this.#conf).find((each) => each.includes('taskexecutor') && each.endsWith('.out'));
    if (name === undefined) throw new Error(`no output of the TaskManager in ${this.#conf}`);
    return path.join(this.#conf, name);
  }

  async run(job: string): Promise<FlinkRun> {
    const file = path.join(this.#conf, 'job.sql');
    writeFileSync(file, `SET 'table.dml-sync' = 'true';\nSET 'parallelism.default' = '1';\n${job}`);
    const before = usageOf(this.#taskManager)!.cpu;
    let memory = 0;
    const timer = setInterval(() => {
      const total = [this.#taskManager, this.#jobManager].map((pid) => usageOf(pid)?.memory ?? 0);
      memory = Math.max(memory, total[0]! + total[1]!);
    }, 100);
    const known = new Set((await this.#ask<Jobs>('/jobs/overview')).jobs.map((j) => j.jid));
    const started = performance.now();
    const output: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const client = spawn(path.join(this.#home, 'bin', 'sql-client.sh'), ['-f', file], { env: this.#env });
      client.stdout.on('data', (part: Buffer) => output.push(part.toString()));
      client.once('error', reject);
      client.once('close', () => resolve());
    });
    const seconds = (performance.now() - started) / 1000;
    clearInterval(timer);
    const cpu = usageOf(this.#taskManager)!.cpu - before;
    const done = (await this.#ask<Jobs>('/jobs/overview')).jobs.find((j) => !known.has(j.jid));
    if (done?.state !== 'FINISHED') throw new Error(`Flink did not finish the job\n${output.join('').slice(-3000)}`);
    const { vertices } = await this.#ask<{ vertices: Vertex[] }>(`/jobs/${done.jid}`);
    const read = vertices.reduce((sum, v) => sum + (/Source/.test(v.name) ? v.metrics['write-records'] : 0), 0);
    return { seconds: done.duration / 1000, cpu, memory, read, client: seconds };
  }

  /** The client that leaves a job running on the cluster; the job ends with `end`. */
  live(job: string): LiveJob {
    const file = path.join(this.#conf, 'live.sql');
    writeFileSync(file, `SET 'parallelism.default' = '1';\n${job}`);
    return {
      program: path.join(this.#home, 'bin', 'sql-client.sh'),
      args: ['-f', file],
      env: this.#env,
      end: () => this.#cancelAll(),
    };
  }

  async #cancelAll(): Promise<void> {
    for (;;) {
      const running = (await this.#ask<Jobs>('/jobs/overview')).jobs.filter(({ state }) => !ENDED.has(state));
      if (running.length === 0) return;
      for (const { jid } of running) await fetch(`${this.#rest}/jobs/${jid}?mode=cancel`, { method: 'PATCH' });
      await sleep(100);
    }
  }

  async #ask<T>(at: string): Promise<T> {
    const response = await fetch(`${this.#rest}${at}`);
    return (await response.json()) as T;
  }

  #pidOf(main: string): number {
    const found = execFileSync('pgrep', ['-f', `${main}.*${this.#conf}`], { encoding: 'utf8' })
      .trim()
      .split('\n');
    return Number(found.at(-1));
  }

  stop(): void {
    spawnSync(path.join(this.#home, 'bin', 'stop-cluster.sh'), { env: this.#env, stdio: 'ignore' });
    rmSync(this.#conf, { recursive: true, force: true });
  }
}

const ENDED: ReadonlySet<string> = new Set(['FINISHED', 'CANCELED', 'FAILED']);

interface Jobs {
  readonly jobs: readonly { readonly jid: string; readonly state: string; readonly duration: number }[];
}

interface Vertex {
  readonly name: string;
  readonly metrics: { readonly 'write-records': number };
}
