import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

  constructor(home: string) {
    this.#home = home;
    this.#conf = mkdtempSync(path.join(tmpdir(), 'flink-conf-'));
    cpSync(path.join(home, 'conf'), this.#conf, { recursive: true });
    const text = readFileSync(path.join(this.#conf, 'config.yaml'), 'utf8');
    writeFileSync(
      path.join(this.#conf, 'config.yaml'),
      text
        .replace(/(taskmanager:[\s\S]*?process:[\s\S]*?size: )\S+/, '$12048m')
        .replace(/numberOfTaskSlots: \d+/, 'numberOfTaskSlots: 2'),
    );
  }

  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, FLINK_HOME: this.#home, FLINK_CONF_DIR: this.#conf, FLINK_LOG_DIR: this.#conf };
  }

  async start(): Promise<void> {
    execFileSync(path.join(this.#home, 'bin', 'start-cluster.sh'), { env: this.#env, stdio: 'ignore' });
    for (let i = 0; i < 240; i++) {
      const overview = await rest<{ taskmanagers: number }>('/overview').catch(() => undefined);
      if (overview?.taskmanagers === 1) break;
      await sleep(250);
    }
    this.#taskManager = pidOf('TaskManagerRunner');
    this.#jobManager = pidOf('StandaloneSessionClusterEntrypoint');
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
    const known = new Set((await rest<Jobs>('/jobs/overview')).jobs.map((j) => j.jid));
    const started = performance.now();
    const { spawn } = await import('node:child_process');
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
    const done = (await rest<Jobs>('/jobs/overview')).jobs.find((j) => !known.has(j.jid));
    if (done?.state !== 'FINISHED') throw new Error(`Flink did not finish the job\n${output.join('').slice(-3000)}`);
    const { vertices } = await rest<{ vertices: Vertex[] }>(`/jobs/${done.jid}`);
    const read = vertices.reduce((sum, v) => sum + (/Source/.test(v.name) ? v.metrics['write-records'] : 0), 0);
    return { seconds: done.duration / 1000, cpu, memory, read, client: seconds };
  }

  stop(): void {
    spawnSync(path.join(this.#home, 'bin', 'stop-cluster.sh'), { env: this.#env, stdio: 'ignore' });
    rmSync(this.#conf, { recursive: true, force: true });
  }
}

interface Jobs {
  readonly jobs: readonly { readonly jid: string; readonly state: string; readonly duration: number }[];
}

interface Vertex {
  readonly name: string;
  readonly metrics: { readonly 'write-records': number };
}

async function rest<T>(at: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:8081${at}`);
  return (await response.json()) as T;
}

function pidOf(main: string): number {
  const found = execFileSync('pgrep', ['-f', main], { encoding: 'utf8' }).trim().split('\n');
  return Number(found.at(-1));
}
