import type { Log } from '../../engine/connector/context.ts';
import { RunError } from '../../engine/connector/errors.ts';
import { connectionError, errorCode, errorName, isCoordinatorChange, notAllowed } from './client-errors.ts';
import { call, connect } from './connection.ts';
import { type Address, addressText, type Settings } from './settings.ts';
import { apiVersionsV3, type Connection, findCoordinatorV4, metadataV10 } from './wire.ts';

export interface Topic {
  /** Error code of the protocol, 0 where the topic can be used. */
  readonly error: number;
  readonly internal: boolean;
  /** Partition → node id of its leader; -1 where there is none now. */
  readonly leaders: ReadonlyMap<number, number>;
}

/** How long passing trouble of a cluster is waited for before it becomes an error, ms. */
const patience = 30_000;

/**
 * A client of one Kafka cluster: finds brokers, leaders and coordinators and keeps one connection to each broker for
 * short requests. Fetching has connections of its own, for a waiting fetch holds up what is sent behind it.
 */
export class Client {
  readonly settings: Settings;
  readonly #log: Log;
  readonly #nodes = new Map<number, Address>();
  readonly #connections = new Map<string, Promise<Connection>>();
  readonly #coordinators = new Map<string, Address>();
  #controller = -1;
  #closed = false;

  constructor(settings: Settings, log: Log) {
    this.settings = settings;
    this.#log = log;
  }

  /** Reaches a first broker and checks that it is new enough. */
  async open(): Promise<void> {
    const [connection, address] = await this.#any();
    let versions: Awaited<ReturnType<typeof apiVersionsV3.api.async>>;
    try {
      versions = await call(connection, apiVersionsV3.api, 'cryptopipe', '1');
    } catch (error) {
      throw connectionError(error, address, this.settings);
    }
    const fetch = versions.apiKeys.find((api) => api.apiKey === 1);
    const coordinator = versions.apiKeys.find((api) => api.apiKey === 10);
    if ((fetch?.maxVersion ?? 0) < 12 || (coordinator?.maxVersion ?? 0) < 4) {
      throw new RunError('kafka-too-old', `broker ${addressText(address)} is older than Kafka 3.0`, {
        help: 'cryptopipe needs Kafka 3.0 or newer',
      });
    }
  }

  /** A new connection to a node, for fetching; the caller closes it. */
  async connect(node: number): Promise<Connection> {
    return connect(this.address(node), this.settings);
  }

  /** Where a node of the metadata is. */
  address(node: number): Address {
    const address = this.#nodes.get(node);
    if (address === undefined) throw new RunError('kafka-unreachable', `broker ${node} is unknown`, { passing: true });
    return address;
  }

  /** Node id of the controller, which creates topics. */
  async controller(): Promise<number> {
    await this.metadata([]);
    return this.#controller;
  }

  /** Topics by name; null: all of the cluster. Nothing is created by asking. */
  async metadata(names: readonly string[] | null): Promise<Map<string, Topic>> {
    const response = await this.#ask((connection) =>
      call(connection, metadataV10.api, names === null ? null : [...names], false, false),
    );
    for (const broker of response.brokers) this.#nodes.set(broker.nodeId, { host: broker.host, port: broker.port });
    this.#controller = response.controllerId;
    const topics = new Map<string, Topic>();
    for (const topic of response.topics) {
      if (typeof topic.name !== 'string') continue;
      topics.set(topic.name, {
        error: topic.errorCode,
        internal: topic.isInternal,
        leaders: new Map(topic.partitions.map((p) => [p.partitionIndex, p.leaderId])),
      });
    }
    return topics;
  }

  /**
   * Runs a request against the coordinator of a group (0) or a transactional id (1). `attempt` gives the error code of
   * the answer; codes that pass are waited for.
   */
  async coordinated<T extends { readonly code: number }>(
    keyType: 0 | 1,
    key: string,
    attempt: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const cache = `${keyType}:${key}`;
    return this.patiently(`the coordinator of '${key}'`, async () => {
      let address = this.#coordinators.get(cache);
      if (address === undefined) {
        const response = await this.#ask((connection) => call(connection, findCoordinatorV4.api, keyType, [key]));
        const found = response.coordinators[0];
        if (found === undefined || isCoordinatorChange(found.errorCode)) return undefined;
        this.#refuse(found.errorCode, keyType === 0 ? `group '${key}'` : `transactional id '${key}'`, 'read');
        address = { host: found.host, port: found.port };
        this.#coordinators.set(cache, address);
      }
      const result = await this.#on(address, attempt);
      if (!isCoordinatorChange(result.code)) return result;
      this.#coordinators.delete(cache);
      return undefined;
    }).catch((error: unknown) => {
      this.#coordinators.delete(cache);
      throw error;
    });
  }

  /** Repeats `attempt` with growing waits while it gives undefined; a passing error says so when patience ends. */
  async patiently<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
    const until = Date.now() + patience;
    for (let wait = this.settings.backoff; ; wait = Math.min(wait * 2, this.settings.maxBackoff)) {
      const result = await attempt();
      if (result !== undefined) return result;
      if (this.#closed || Date.now() + wait > until) {
        throw new RunError('kafka-unavailable', `${what} is not available`, { passing: true });
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  #refuse(code: number, what: string, action: string): void {
    if (code === errorCode.none) return;
    if (code === errorCode.groupAuthorizationFailed || code === errorCode.clusterAuthorizationFailed || code === 53) {
      throw notAllowed(what, action, this.settings);
    }
    throw new RunError('kafka-error', `the broker answers ${errorName(code)} for ${what}`);
  }

  /** Runs a request on a connection to any broker; errors are `RunError`s. */
  askAny<T>(request: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#ask(request);
  }

  /** Asks any broker; another one where the first does not answer. */
  async #ask<T>(request: (connection: Connection) => Promise<T>): Promise<T> {
    const [connection, address] = await this.#any();
    try {
      return await request(connection);
    } catch {
      // The connection may have been lost since its last use: once more, on a fresh one.
      this.#forget(address);
      const [another, where] = await this.#any();
      return request(another).catch((error: unknown) => {
        this.#forget(where);
        throw connectionError(error, where, this.settings);
      });
    }
  }

  async #on<T>(address: Address, request: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await request(await this.#shared(address));
    } catch (error) {
      if (error instanceof RunError) throw error;
      this.#forget(address);
      throw connectionError(error, address, this.settings);
    }
  }

  /** Runs a request on the shared connection of a node; errors are `RunError`s. */
  async ask<T>(node: number, request: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#on(this.address(node), request);
  }

  /** A connection to any broker: one that is open, else the first of the known and the named ones that answers. */
  async #any(): Promise<[Connection, Address]> {
    const candidates = new Map<string, Address>();
    for (const address of [...this.#nodes.values(), ...this.settings.brokers]) {
      candidates.set(addressText(address), address);
    }
    const open = [...candidates.values()].filter((address) => this.#connections.has(addressText(address)));
    let failure: unknown;
    for (const address of new Set([...open, ...candidates.values()])) {
      try {
        return [await this.#shared(address), address];
      } catch (error) {
        if (error instanceof RunError && !error.passing) throw error;
        this.#log.debug('kafka_connection_failed', { broker: addressText(address), reason: String(error) });
        failure ??= error;
      }
    }
    throw failure;
  }

  #shared(address: Address): Promise<Connection> {
    const key = addressText(address);
    const existing = this.#connections.get(key);
    if (existing !== undefined) return existing;
    const connecting = connect(address, this.settings);
    this.#connections.set(key, connecting);
    const forget = (): void => {
      if (this.#connections.get(key) === connecting) this.#connections.delete(key);
    };
    connecting.then((connection) => {
      connection.once('close', forget);
      if (this.#closed) void connection.close();
    }, forget);
    return connecting;
  }

  #forget(address: Address): void {
    const key = addressText(address);
    const connection = this.#connections.get(key);
    this.#connections.delete(key);
    connection?.then(
      (c) => c.socket.destroy(),
      () => {
        // Whoever waits for it says so.
      },
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    const connections = await Promise.allSettled(this.#connections.values());
    this.#connections.clear();
    await Promise.all(connections.map((c) => (c.status === 'fulfilled' ? c.value.close() : undefined)));
  }
}
