import { RunError } from '../../engine/connector/errors.ts';
import type { Client } from './client.ts';
import { connectionError, errorCode, errorName, isLeaderChange } from './client-errors.ts';
import { call } from './connection.ts';
import { type FetchResponse, fetchApi, nextFetchOffset } from './fetch-request.ts';
import { groupBy } from './group-by.ts';
import type { FetchedRecords } from './record-cursor.ts';
import { addressText } from './settings.ts';
import type { Split } from './split.ts';
import type { Connection } from './wire.ts';

/** Who reads what brokers send. */
export interface FetchReader {
  /** Records of one response; the fetch goes on once `proceed` of the sender is called. */
  deliver(from: BrokerFetch, records: readonly FetchedRecords[]): void;
  /** The broker answered for these splits. */
  healthy(splits: readonly Split[]): void;
  /** The broker does not lead these splits (any more) or cannot be reached: they wait for another assignment. */
  displaced(splits: readonly Split[], reason: RunError): void;
  outOfRange(split: Split): void;
  refused(split: Split, code: number): void;
}

/**
 * Fetches from one broker without pause: while a response is decoded the next request is under way. At most one
 * response waits, so that memory stays bounded by two of them.
 */
export class BrokerFetch {
  readonly node: number;
  readonly #client: Client;
  readonly #reader: FetchReader;
  #splits: Split[] = [];
  #connection: Connection | undefined;
  #busy = false;
  /** A response waits to be taken. */
  #full = false;
  #closed = false;
  /** Where the next request begins in the list of splits, so that none starves behind a full response. */
  #turn = 0;

  constructor(node: number, client: Client, reader: FetchReader) {
    this.node = node;
    this.#client = client;
    this.#reader = reader;
  }

  get idle(): boolean {
    return this.#splits.length === 0;
  }

  assign(split: Split): void {
    this.#splits.push(split);
    this.#pump();
  }

  /** Splits that are not to be read any more; what is under way of them is dropped when it comes. */
  unassign(splits: readonly Split[]): void {
    this.#splits = this.#splits.filter((split) => !splits.includes(split));
  }

  /** The response that was delivered is being read: the next one may come. */
  proceed(): void {
    this.#full = false;
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#splits = [];
    this.#connection?.socket.destroy();
    this.#connection = undefined;
  }

  #pump(): void {
    if (this.#busy || this.#full || this.#closed) return;
    this.#splits = this.#splits.filter((split) => !split.done);
    const due = this.#splits.filter((split) => split.fetchOffset < split.stop);
    if (due.length === 0) return;
    this.#busy = true;
    void this.#fetch(due);
  }

  async #fetch(due: readonly Split[]): Promise<void> {
    const offsets = new Map(due.map((split) => [split, split.fetchOffset]));
    try {
      const connection = await this.#connected();
      const response = await call(connection, fetchApi, this.#request(due));
      this.#busy = false;
      if (!this.#closed) this.#receive(response, offsets);
    } catch (error) {
      this.#busy = false;
      this.#connection?.socket.destroy();
      this.#connection = undefined;
      if (this.#closed) return;
      const address = this.#client.address(this.node);
      this.#displace(this.#splits, connectionError(error, address, this.#client.settings));
    }
    this.#pump();
  }

  async #connected(): Promise<Connection> {
    if (this.#connection?.isConnected()) return this.#connection;
    const connection = await this.#client.connect(this.node);
    if (this.#closed) connection.socket.destroy();
    this.#connection = connection;
    return connection;
  }

  #request(due: readonly Split[]) {
    const { settings } = this.#client;
    this.#turn = (this.#turn + 1) % due.length;
    const turned = [...due.slice(this.#turn), ...due.slice(0, this.#turn)];
    return {
      maxWait: settings.fetchMaxWait,
      minBytes: settings.fetchMinBytes,
      maxBytes: settings.fetchMaxBytes,
      partitionMaxBytes: settings.partitionMaxBytes,
      readCommitted: settings.readCommitted,
      topics: [...groupBy(turned, (split) => split.topic)],
    };
  }

  #receive(response: FetchResponse, offsets: ReadonlyMap<Split, number>): void {
    const owned = new Map(this.#splits.map((split) => [split.name, split]));
    const records: FetchedRecords[] = [];
    const healthy: Split[] = [];
    const displaced: Split[] = [];
    let reason = '';
    const { readCommitted } = this.#client.settings;
    if (response.errorCode !== errorCode.none) {
      this.#displace(this.#splits, this.#trouble(errorName(response.errorCode)));
      return;
    }
    for (const fetched of response.partitions) {
      const split = owned.get(`${fetched.topic}-${fetched.partition}`);
      // What was asked for at another offset, or before the split moved to another broker, is not wanted any more.
      if (split === undefined || offsets.get(split) !== split.fetchOffset) continue;
      if (fetched.errorCode === errorCode.none) {
        healthy.push(split);
        split.learnEnd(readCommitted ? fetched.lastStableOffset : fetched.highWatermark);
        if (fetched.start === fetched.end) continue;
        split.fetchOffset = nextFetchOffset(response, fetched, split.fetchOffset);
        const { start, end, aborted } = fetched;
        records.push({ split, bytes: response.bytes, start, end, aborted });
      } else if (fetched.errorCode === errorCode.offsetOutOfRange) {
        this.#splits = this.#splits.filter((s) => s !== split);
        this.#reader.outOfRange(split);
      } else if (isLeaderChange(fetched.errorCode)) {
        displaced.push(split);
        reason = errorName(fetched.errorCode);
      } else {
        this.#reader.refused(split, fetched.errorCode);
      }
    }
    this.#reader.healthy(healthy);
    if (displaced.length > 0) this.#displace(displaced, this.#trouble(reason));
    if (records.length > 0) {
      this.#full = true;
      this.#reader.deliver(this, records);
    }
  }

  #displace(splits: readonly Split[], reason: RunError): void {
    this.#splits = this.#splits.filter((split) => !splits.includes(split));
    this.#reader.displaced(splits, reason);
  }

  #trouble(reason: string): RunError {
    const address = addressText(this.#client.address(this.node));
    return new RunError('kafka-unavailable', `broker ${address} answers ${reason}`, { passing: true });
  }
}
