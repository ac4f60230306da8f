import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Child, freePort, spawnChild, until } from './child.ts';
import { isKafkaUp } from './kafka-client.ts';
import { kafkaClassPath } from './kafka-jars.ts';

export interface OwnKafkaOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Folder for its data, kept when given; default: one of its own that `remove` deletes. */
  readonly dir?: string;
  /** Lines of server.properties added to, or replacing, the defaults. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Java heap in megabytes, default 256. */
  readonly heap?: number;
}

/** An Apache Kafka broker (KRaft, one node) that belongs to a test. */
export interface OwnKafka {
  /** `127.0.0.1:port`, the same over its whole life. */
  readonly address: string;
  readonly pid: number;
  /** Everything the broker logged, for a failing test. */
  readonly log: string;
  /** Stops it in an orderly way; data stay. */
  stop(): Promise<void>;
  /** SIGKILL; data stay. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after `stop` where it still runs. Resolves when it answers. */
  restart(): Promise<void>;
  /** Kills it and deletes its data. */
  remove(): Promise<void>;
}

/** Starts a broker; resolves when it answers. Needs Java; Maven too, the first time on a machine. */
export async function startKafka(options: OwnKafkaOptions = {}): Promise<OwnKafka> {
  const classPath = await kafkaClassPath();
  const port = options.port ?? (await freePort());
  const dir = options.dir ?? mkdtempSync(path.join(tmpdir(), 'cryptopipe-kafka-'));
  mkdirSync(dir, { recursive: true });
  const log = path.join(dir, 'broker.log');
  const config = path.join(dir, 'server.properties');
  const properties = {
    ...defaults(dir, port, await freePort()),
    ...options.properties,
  };
  writeFileSync(
    config,
    `${Object.entries(properties)
      .map((entry) => entry.join('='))
      .join('\n')}\n`,
  );
  const jvm = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];
  const run = (heap: number, main: string, ...args: string[]) =>
    spawnChild(
      'java',
      [`-Xmx${heap}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...jvm, '-cp', classPath, main, ...args],
      { log },
    );

  // An id that begins with '-' would be taken for a flag.
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const format = await run(128, 'kafka.tools.StorageTool', 'format', '--standalone', '-g', '-t', id, '-c', config);
  const code = await format.exited;
  if (code !== 0) throw new Error(`formatting Kafka's folder failed (${code}), see ${log}`);

  const start = async (): Promise<Child> => {
    const child = await spawnChild(
      'java',
      [
        `-Xms${options.heap ?? 256}m`,
        `-Xmx${options.heap ?? 256}m`,
        '-XX:+UseG1GC',
        ...jvm,
        '-cp',
        classPath,
        'kafka.Kafka',
        config,
      ],
      { log },
    );
    await until('Kafka', () => isKafkaUp(`127.0.0.1:${port}`), {
      timeout: 60_000,
      every: 100,
      child,
      log,
    });
    return child;
  };
  let child = await start();
  return {
    address: `127.0.0.1:${port}`,
    log,
    get pid() {
      return child.pid;
    },
    async stop() {
      await child.end('SIGTERM');
    },
    async kill() {
      await child.end('SIGKILL');
    },
    async restart() {
      await child.end('SIGTERM');
      child = await start();
    },
    async remove() {
      await child.end('SIGKILL');
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
}

function defaults(dir: string, port: number, controllerPort: number): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    listeners: `CLIENTS://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `CLIENTS://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENTS',
    'log.dirs': path.join(dir, 'logs'),
    'num.partitions': '2',
    'num.network.threads': '2',
    'num.io.threads': '4',
    'default.replication.factor': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // Kafka's own default: a client that must not create topics has to say so itself.
    'auto.create.topics.enable': 'true',
  };
}
