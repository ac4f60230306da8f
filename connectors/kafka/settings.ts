import { isIP } from 'node:net';
import { RunError } from '../../engine/connector/errors.ts';
import { ClientProperties } from './client-properties.ts';
import { type Compression, compressions } from './compressions.ts';
import { readSecurity, type Security } from './security.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** All that a client of a Kafka cluster needs to know, from the `properties.*` of a table. Times in ms. */
export interface Settings {
  readonly brokers: readonly Address[];
  readonly clientId: string;
  readonly groupId: string | undefined;
  readonly security: Security;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
  readonly backoff: number;
  readonly maxBackoff: number;
  readonly readCommitted: boolean;
  readonly checkCrc: boolean;
  readonly offsetReset: OffsetReset;
  readonly commitOffsets: boolean;
  readonly fetchMaxBytes: number;
  readonly fetchMinBytes: number;
  readonly fetchMaxWait: number;
  readonly partitionMaxBytes: number;
  readonly producer: ProducerSettings;
}

/** Properties that only matter for writing. */
export interface ProducerSettings {
  /** -1: all in-sync replicas, 1: the leader. */
  readonly acks: -1 | 1;
  readonly compression: Compression;
  readonly batchBytes: number;
  readonly bufferBytes: number;
  readonly idempotent: boolean;
  readonly deliveryTimeout: number;
  readonly transactionTimeout: number;
}

export type OffsetReset = 'none' | 'earliest' | 'latest';

export type ReportProperty = (name: string, message: string, help?: string) => void;

/** Memory for fetched records: two answers of this size may be held per broker, one being decoded, one on its way. */
const defaultFetchBytes = 1024 * 1024;

/** Reads the settings and reports every property that cannot be used. */
export function readSettings(
  servers: string,
  groupId: string | undefined,
  texts: ReadonlyMap<string, string>,
  report: ReportProperty,
  readFiles: boolean,
): Settings {
  const properties = new ClientProperties(texts, report);
  const fetchMaxBytes = properties.number('fetch.max.bytes', defaultFetchBytes);
  return {
    brokers: readBrokers(servers, report),
    clientId: properties.text('client.id') ?? properties.text('client.id.prefix') ?? 'cryptopipe',
    groupId,
    security: readSecurity(properties, report, readFiles),
    connectTimeout: properties.number('socket.connection.setup.timeout.ms', 10_000),
    requestTimeout: properties.number('request.timeout.ms', 30_000),
    backoff: properties.number('reconnect.backoff.ms', 50),
    maxBackoff: properties.number('reconnect.backoff.max.ms', 1000),
    // Java clients default to read_uncommitted; rolled back money is nobody's, so here it must be asked for.
    readCommitted:
      properties.oneOf('isolation.level', ['read_committed', 'read_uncommitted'], 'read_committed') ===
      'read_committed',
    checkCrc: properties.boolean('check.crcs', true),
    offsetReset: properties.oneOf('auto.offset.reset', ['none', 'earliest', 'latest'], 'none'),
    commitOffsets: properties.boolean('commit.offsets.on.checkpoint', true),
    fetchMaxBytes,
    fetchMinBytes: properties.number('fetch.min.bytes', 1),
    fetchMaxWait: properties.number('fetch.max.wait.ms', 500),
    partitionMaxBytes: properties.number('max.partition.fetch.bytes', fetchMaxBytes),
    producer: readProducer(properties),
  };
}

function readProducer(properties: ClientProperties): ProducerSettings {
  const acks = properties.oneOf('acks', ['all', '-1', '1', '0'], 'all');
  return {
    // Without any acknowledgement nobody would know what a commit covers: '0' is taken as '1'.
    acks: acks === 'all' || acks === '-1' ? -1 : 1,
    compression: properties.oneOf('compression.type', compressions, 'none'),
    // Well below the 1 MB that topics accept by default.
    batchBytes: properties.number('batch.size', 512 * 1024),
    bufferBytes: properties.number('buffer.memory', 16 * 1024 * 1024),
    idempotent: properties.boolean('enable.idempotence', true) && acks !== '1' && acks !== '0',
    deliveryTimeout: properties.number('delivery.timeout.ms', 30_000),
    transactionTimeout: properties.number('transaction.timeout.ms', 60_000),
  };
}

/** The settings for a run; what `check` let pass but is wrong by now (a file that vanished) ends it. */
export function settingsForRun(
  servers: string,
  groupId: string | undefined,
  texts: ReadonlyMap<string, string>,
): Settings {
  return readSettings(
    servers,
    groupId,
    texts,
    (_, message, help) => {
      throw new RunError('bad-option', message, { help });
    },
    true,
  );
}

function readBrokers(servers: string, report: ReportProperty): Address[] {
  const brokers: Address[] = [];
  for (const text of servers.split(',').map((part) => part.trim())) {
    if (text === '') continue;
    const match = /^(?:[A-Z_]+:\/\/)?(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
    const port = Number(match?.[3]);
    if (match === null || port < 1 || port > 65535) {
      report(
        'bootstrap.servers',
        `'${text}' in option 'properties.bootstrap.servers' is no address: expected host:port`,
        /^[^:]+$/.test(text) ? `did you mean '${text}:9092'?` : undefined,
      );
      continue;
    }
    brokers.push({ host: match[1] ?? match[2]!, port });
  }
  if (brokers.length === 0 && servers.trim() === '') {
    report('bootstrap.servers', "option 'properties.bootstrap.servers' is empty: expected host:port");
  }
  return brokers;
}

/** The name to send for TLS server name indication: RFC 6066 has none for addresses. */
export function serverName(host: string): string | undefined {
  return isIP(host) === 0 ? host : undefined;
}

/** 'host:port', brackets around IPv6. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
