import { suggest } from '../../engine/diagnostics/suggest.ts';

/**
 * Properties of the Java clients that mean something here. What each does is said where it is read; all of them are
 * written as `'properties.<name>'` in a table.
 */
export const usedProperties = [
  'bootstrap.servers',
  'client.id',
  'client.id.prefix',
  'group.id',
  'auto.offset.reset',
  'isolation.level',
  'check.crcs',
  'commit.offsets.on.checkpoint',
  'fetch.max.bytes',
  'fetch.max.wait.ms',
  'fetch.min.bytes',
  'max.partition.fetch.bytes',
  'request.timeout.ms',
  'socket.connection.setup.timeout.ms',
  'reconnect.backoff.ms',
  'reconnect.backoff.max.ms',
  'security.protocol',
  'sasl.mechanism',
  'sasl.jaas.config',
  'sasl.oauthbearer.token.endpoint.url',
  'sasl.login.callback.handler.class',
  'ssl.truststore.location',
  'ssl.truststore.certificates',
  'ssl.truststore.password',
  'ssl.truststore.type',
  'ssl.keystore.location',
  'ssl.keystore.key',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.password',
  'ssl.keystore.type',
  'ssl.key.password',
  'ssl.enabled.protocols',
  'ssl.protocol',
  'ssl.cipher.suites',
  'ssl.endpoint.identification.algorithm',
  'acks',
  'batch.size',
  'buffer.memory',
  'compression.type',
  'enable.idempotence',
  'delivery.timeout.ms',
  'linger.ms',
  'max.request.size',
  'transaction.timeout.ms',
] as const;

/** Properties that steer the inside of the Java clients: accepted in silence, since a job runs the same without. */
const irrelevantProperties = new Set([
  'allow.auto.create.topics',
  'auto.commit.interval.ms',
  'auto.include.jmx.reporter',
  'client.dns.lookup',
  'client.rack',
  'compression.gzip.level',
  'compression.lz4.level',
  'compression.zstd.level',
  'connections.max.idle.ms',
  'default.api.timeout.ms',
  'enable.auto.commit',
  'enable.metrics.push',
  'exclude.internal.topics',
  'group.instance.id',
  'group.protocol',
  'group.remote.assignor',
  'heartbeat.interval.ms',
  'interceptor.classes',
  'key.deserializer',
  'key.serializer',
  'max.block.ms',
  'max.in.flight.requests.per.connection',
  'max.poll.interval.ms',
  'max.poll.records',
  'metadata.max.age.ms',
  'metadata.max.idle.ms',
  'metadata.recovery.rebootstrap.trigger.ms',
  'metadata.recovery.strategy',
  'metric.reporters',
  'metrics.num.samples',
  'metrics.recording.level',
  'metrics.sample.window.ms',
  'partition.assignment.strategy',
  'partition.discovery.interval.ms',
  'partitioner.adaptive.partitioning.enable',
  'partitioner.availability.timeout.ms',
  'partitioner.class',
  'partitioner.ignore.keys',
  'receive.buffer.bytes',
  'register.consumer.metrics',
  'retries',
  'retry.backoff.max.ms',
  'retry.backoff.ms',
  'sasl.kerberos.kinit.cmd',
  'sasl.kerberos.min.time.before.relogin',
  'sasl.kerberos.service.name',
  'sasl.kerberos.ticket.renew.jitter',
  'sasl.kerberos.ticket.renew.window.factor',
  'security.providers',
  'send.buffer.bytes',
  'session.timeout.ms',
  'socket.connection.setup.timeout.max.ms',
  'ssl.engine.factory.class',
  'ssl.keymanager.algorithm',
  'ssl.provider',
  'ssl.secure.random.implementation',
  'ssl.trustmanager.algorithm',
  'transactional.id',
  'value.deserializer',
  'value.serializer',
]);

/** Which `properties.*` are secret: credentials and private keys. */
export const secretProperty = /jaas\.config|password|keystore\.key|secret|token(?!\.endpoint\.url)/;

/** A sentence for each property that nobody knows: probably a typo. `names` are without `properties.`. */
export function unknownProperties(names: Iterable<string>): { name: string; near: string | undefined }[] {
  const used: readonly string[] = usedProperties;
  const unknown: { name: string; near: string | undefined }[] = [];
  for (const name of names) {
    if (used.includes(name) || irrelevantProperties.has(name)) continue;
    unknown.push({ name, near: suggest(name, [...used, ...irrelevantProperties]) });
  }
  return unknown;
}

/** Reads typed values out of client properties; a value that cannot be read is reported and the default stands. */
export class ClientProperties {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #report: (name: string, message: string) => void;

  constructor(texts: ReadonlyMap<string, string>, report: (name: string, message: string) => void) {
    this.#texts = texts;
    this.#report = report;
  }

  text(name: (typeof usedProperties)[number]): string | undefined {
    return this.#texts.get(name)?.trim();
  }

  number(name: (typeof usedProperties)[number], otherwise: number): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    if (/^\d+$/.test(text)) return Number(text);
    this.#report(name, `'${text}' is not a value for option 'properties.${name}': expected a whole number`);
    return otherwise;
  }

  boolean(name: (typeof usedProperties)[number], otherwise: boolean): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return otherwise;
    if (text === 'true' || text === 'false') return text === 'true';
    this.#report(name, `'${text}' is not a value for option 'properties.${name}': expected 'true' or 'false'`);
    return otherwise;
  }

  /** Case does not matter. */
  oneOf<const V extends readonly string[]>(
    name: (typeof usedProperties)[number],
    values: V,
    otherwise: V[number],
  ): V[number] {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const value = values.find((v) => v.toLowerCase() === text.toLowerCase());
    if (value !== undefined) return value;
    const expected = values.map((v) => `'${v}'`).join(', ');
    this.#report(name, `'${text}' is not a value for option 'properties.${name}': expected one of ${expected}`);
    return otherwise;
  }
}
