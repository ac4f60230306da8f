import type { ConnectorContext } from '../../engine/connector/context.ts';
import { DecodeError, RunError } from '../../engine/connector/errors.ts';
import type { RejectPolicy, RejectReason } from '../../engine/connector/rejection.ts';
import type {
  Claim,
  ClaimSplits,
  Positions,
  RestorePositions,
  Source,
  SplitLag,
} from '../../engine/connector/source.ts';
import type { RowBatch } from '../../engine/types/batch.ts';
import type { BrokerFetch, FetchReader } from './broker-fetch.ts';
import { Client } from './client.ts';
import { errorCode, errorName, notAllowed } from './client-errors.ts';
import { EndOffsets } from './end-offsets.ts';
import { GroupCommits } from './group-commits.ts';
import { malformedRecord, rejectedRecord, type SkipOptions } from './malformed-record.ts';
import type { TopicPartition } from './offsets.ts';
import { type FetchedRecords, RecordCursor, type RefusedRecord } from './record-cursor.ts';
import { resetOffset } from './reset-offset.ts';
import type { TableRows } from './rows.ts';
import { startOffsets, stopOffsets } from './scan-offsets.ts';
import type { ScanMode } from './scan-options.ts';
import type { Settings } from './settings.ts';
import { Split, splitName } from './split.ts';
import { SplitLeaders } from './split-leaders.ts';
import { findTopics, type TopicChoice } from './topics.ts';

/** What a Kafka source reads. `discovery` in ms, 0: new partitions are not looked for. */
export interface KafkaScan {
  readonly settings: Settings;
  readonly topics: TopicChoice;
  readonly start: ScanMode;
  readonly stop: ScanMode;
  readonly discovery: number;
  readonly rows: TableRows;
  readonly skip: SkipOptions;
  readonly policy: (reason: RejectReason) => RejectPolicy;
}

/** Rows per batch: enough to make the work per batch disappear, few enough to stay in the caches. */
const batchRows = 8192;
/** Rejected records end a batch early where they are so many or so large: they are kept until its commit. */
const batchRejects = 1024;
const batchRejectedBytes = 8 * 1024 * 1024;

/** Reads topics: each topic-partition is a split, its position the next offset. */
export class KafkaSource implements Source, FetchReader {
  readonly #scan: KafkaScan;
  readonly #context: ConnectorContext;
  readonly #client: Client;
  readonly #commits: GroupCommits | undefined;
  readonly #splits = new Map<string, Split>();
  readonly #leaders: SplitLeaders;
  readonly #queue: { from: BrokerFetch; records: readonly FetchedRecords[] }[] = [];
  #reading: RecordCursor[] = [];
  /** Whose the rows are that were decoded so far, in order. */
  #origins: { readonly split: string; end: number }[] = [];
  #claim: ClaimSplits = async () => ({ splits: new Map(), anew: true });
  /** All partitions that were found, by split name, whoever reads them. */
  readonly #known = new Map<string, TopicPartition>();
  #failure: unknown;
  #moved = false;
  #closed = false;
  #wake: (() => void) | undefined;
  #discovery: NodeJS.Timeout | undefined;
  #ends: EndOffsets | undefined;

  constructor(scan: KafkaScan, context: ConnectorContext) {
    this.#scan = scan;
    this.#context = context;
    this.#client = new Client(scan.settings, context.log);
    this.#leaders = new SplitLeaders({
      client: this.#client,
      settings: scan.settings,
      context,
      reader: this,
      reads: (split) => this.#reads(split),
      fail: (error) => this.#fail(error),
    });
    const { groupId, commitOffsets } = scan.settings;
    if (groupId !== undefined && commitOffsets) this.#commits = new GroupCommits(this.#client, groupId, context.log);
  }

  async open(restore: RestorePositions, claim?: ClaimSplits): Promise<void> {
    this.#claim = claim ?? ((splits) => this.#claimAll(restore, splits));
    await this.#client.open();
    if (!this.#closed) this.#ends = new EndOffsets(this.#client, this.#context.log, () => this.#heldBack());
    const partitions = await this.#partitions();
    if (partitions.length === 0 && this.#scan.topics.kind === 'pattern') {
      this.#context.log.warn('kafka_no_topics', { pattern: this.#scan.topics.text });
    }
    await this.#found(partitions);
    if (!this.#closed && this.#scan.discovery > 0 && this.#scan.stop.kind === 'unbounded') {
      this.#discovery = setInterval(() => void this.#discover(), this.#scan.discovery);
    }
  }

  async #partitions(): Promise<TopicPartition[]> {
    const topics = await findTopics(this.#client, this.#scan.topics);
    return [...topics].flatMap(([topic, { leaders }]) =>
      [...leaders.keys()].sort((a, b) => a - b).map((partition) => ({ topic, partition })),
    );
  }

  /** Nobody else reads: every split is this reader's. */
  async #claimAll(restore: RestorePositions, splits: readonly string[]): Promise<Claim> {
    const restored = await restore(splits);
    return {
      splits: new Map(splits.map((split) => [split, restored.get(split)])),
      anew: this.#splits.size === 0 && restored.size === 0,
    };
  }

  async #found(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    const names = partitions.map((p) => splitName(p.topic, p.partition));
    for (const [i, name] of names.entries()) this.#known.set(name, partitions[i]!);
    await this.acquire(await this.#claim(names));
  }

  /** Takes splits at their committed positions, else where the options say, later ones at their start. */
  async acquire({ splits, anew }: Claim): Promise<void> {
    if (splits.size === 0) return;
    const partitions = [...splits.keys()].map((name) => this.#known.get(name)!);
    const fresh = partitions.filter((p) => splits.get(splitName(p.topic, p.partition)) === undefined);
    // A job that ran before has read nothing yet of a partition that its checkpoint does not know.
    const mode: ScanMode = anew ? this.#scan.start : { kind: 'earliest-offset' };
    const starts = fresh.length === 0 ? new Map() : await startOffsets(this.#client, fresh, mode, this.#context.log);
    const stops = await stopOffsets(this.#client, partitions, this.#scan.stop);
    const added: Split[] = [];
    for (const { topic, partition } of partitions) {
      const name = splitName(topic, partition);
      const text = splits.get(name);
      const position = text === undefined ? starts.get(name) : Number(text);
      if (position === undefined || !Number.isSafeInteger(position)) {
        throw new RunError('bad-checkpoint', `the position '${text}' of split ${name} is no offset`);
      }
      const stop = stops.get(name) ?? Number.POSITIVE_INFINITY;
      const split = new Split(topic, partition, position, stop, text !== undefined);
      this.#splits.set(name, split);
      if (!split.done) added.push(split);
      this.#context.log.debug('kafka_split', { split: name, position, restored: split.restored });
    }
    const topics = await this.#client.metadata([...new Set(added.map((s) => s.topic))]);
    if (this.#closed) return;
    this.#leaders.assign(added, topics);
    this.#notify();
  }

  revoke(names: readonly string[]): Positions {
    const revoked = names.flatMap((name) => this.#splits.get(name) ?? []);
    for (const split of revoked) this.#splits.delete(split.name);
    this.#leaders.unassign(revoked);
    // What was fetched of them waits here or in the queue; other cursors go on.
    this.#reading = this.#reading.filter((cursor) => !revoked.includes(cursor.split));
    return new Map(revoked.map((split) => [split.name, String(split.position)]));
  }

  async #discover(): Promise<void> {
    try {
      const known = await this.#partitions();
      const added = known.filter((p) => !this.#known.has(splitName(p.topic, p.partition)));
      if (added.length === 0 || this.#closed) return;
      this.#context.log.info('kafka_partitions_found', { splits: added.map((p) => splitName(p.topic, p.partition)) });
      await this.#found(added);
    } catch (error) {
      if (error instanceof RunError && error.passing) {
        this.#context.log.warn('kafka_discovery_failed', { reason: error.message });
      } else {
        this.#fail(error);
      }
    }
  }

  async poll(signal: AbortSignal): Promise<RowBatch | null> {
    for (;;) {
      signal.throwIfAborted();
      const { rows } = this.#scan;
      if (this.#failure === undefined) this.#decode(rows);
      if (rows.length > 0 || this.#moved) {
        this.#moved = false;
        const splits = this.#origins;
        this.#origins = [];
        return { ...rows.take(), splits };
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#finished()) return null;
      await this.#wait(signal);
    }
  }

  /** Decodes what has come until the batch is full. */
  #decode(rows: TableRows): void {
    let rejects = 0;
    let rejectedBytes = 0;
    while (rows.length < batchRows && rejects < batchRejects && rejectedBytes < batchRejectedBytes) {
      const cursor = this.#reading[0] ?? this.#next();
      if (cursor === undefined) return;
      const before = cursor.split.position;
      const { length } = rows;
      try {
        const result = cursor.read(rows, batchRows);
        if (result === 'end') this.#reading.shift();
        else if (result !== 'more' && !this.#reject(cursor, result)) {
          this.#failure = malformedRecord(cursor.split, result, this.#scan.skip);
        } else if (result !== 'more') {
          rejects++;
          rejectedBytes += result.valueEnd - result.valueStart;
        }
      } catch (error) {
        this.#failure = error;
      }
      if (cursor.split.position !== before) this.#moved = true;
      if (rows.length > length) this.#decoded(cursor.split.name, rows.length);
      if (this.#failure !== undefined) return;
    }
  }

  /** The rows up to `end` are of a split. */
  #decoded(split: string, end: number): void {
    const last = this.#origins.at(-1);
    if (last?.split === split) last.end = end;
    else this.#origins.push({ split, end });
  }

  /** Whether the job goes on without the record. */
  #reject(cursor: RecordCursor, record: RefusedRecord): boolean {
    const { cause } = record;
    if (!(cause instanceof DecodeError)) return false;
    const policy = this.#scan.policy(cause.reason);
    if (policy === 'fail') return false;
    this.#context.rejects.add(rejectedRecord(cursor.split, record, cause, policy));
    cursor.pass(record);
    return true;
  }

  /** Begins to read the next response; its broker may send another one meanwhile. */
  #next(): RecordCursor | undefined {
    for (let response = this.#queue.shift(); response !== undefined; response = this.#queue.shift()) {
      this.#reading = response.records
        .filter(({ split }) => this.#reads(split))
        .map((records) => new RecordCursor(records, this.#scan.settings.checkCrc));
      const bytes = response.records.reduce((sum, records) => sum + records.end - records.start, 0);
      this.#context.counters.add('bytes_read', bytes);
      response.from.proceed();
      if (this.#reading.length > 0) return this.#reading[0];
    }
    return undefined;
  }

  /** false once the split was revoked. */
  #reads(split: Split): boolean {
    return this.#splits.get(split.name) === split;
  }

  #finished(): boolean {
    if (this.#scan.stop.kind === 'unbounded') return false;
    for (const split of this.#splits.values()) if (!split.done) return false;
    return true;
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#wake = undefined;
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#wake = () => {
        this.#wake = undefined;
        signal.removeEventListener('abort', abort);
        resolve();
      };
    });
  }

  #notify(): void {
    this.#wake?.();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#notify();
  }

  deliver(from: BrokerFetch, records: readonly FetchedRecords[]): void {
    this.#queue.push({ from, records });
    this.#notify();
  }

  healthy(splits: readonly Split[]): void {
    for (const split of splits) split.troubledSince = undefined;
  }

  displaced(splits: readonly Split[], reason: RunError): void {
    this.#leaders.search(splits, reason);
  }

  outOfRange(split: Split): void {
    void this.#reset(split).catch((error: unknown) => this.#fail(error));
  }

  async #reset(split: Split): Promise<void> {
    const { start, settings } = this.#scan;
    const to = await resetOffset(this.#client, split, { start, settings, log: this.#context.log });
    split.seek(to);
    this.#moved = true;
    this.displaced([split], new RunError('offset-out-of-range', `${split.name} goes on at ${to}`, { passing: true }));
    this.#notify();
  }

  refused(split: Split, code: number): void {
    const error =
      code === errorCode.topicAuthorizationFailed
        ? notAllowed(`topic '${split.topic}'`, 'read', this.#scan.settings)
        : new RunError(
            'kafka-error',
            `${split.name} cannot be read at offset ${split.fetchOffset}: ${errorName(code)}`,
          );
    this.#fail(error);
  }

  openSplits(): readonly string[] {
    return [...this.#splits.values()].filter((split) => !split.done).map((split) => split.name);
  }

  positions(): Positions {
    const positions = new Map<string, string>();
    for (const split of this.#splits.values()) positions.set(split.name, String(split.position));
    return positions;
  }

  acknowledge(positions: Positions): void {
    if (this.#commits === undefined) return;
    const offsets = [];
    for (const [name, text] of positions) {
      const split = this.#splits.get(name);
      if (split !== undefined) offsets.push({ topic: split.topic, partition: split.partition, offset: Number(text) });
    }
    this.#commits.commit(offsets);
  }

  lag(): readonly SplitLag[] {
    return [...this.#splits.values()].map(({ name, endOffset, position, timestamp }) => ({
      split: name,
      ...(endOffset < 0 ? {} : { records: Math.max(0, endOffset - position) }),
      ...(timestamp < 0 ? {} : { timestamp }),
    }));
  }

  /** Splits whose fetched records nobody takes. */
  #heldBack(): readonly Split[] {
    if (this.#queue.length === 0 && this.#reading.length === 0) return [];
    return [...this.#splits.values()].filter((split) => !split.done && split.troubledSince === undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#discovery);
    this.#ends?.close();
    this.#leaders.close();
    this.#queue.length = 0;
    this.#reading = [];
    await this.#commits?.close();
    await this.#client.close();
  }
}
