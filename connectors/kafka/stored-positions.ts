import { RunError } from '../../engine/connector/errors.ts';
import type { Positions } from '../../engine/connector/source.ts';
import type { Client } from './client.ts';
import { errorCode, errorName, notAllowed } from './client-errors.ts';
import { call } from './connection.ts';
import type { TopicPartition } from './offsets.ts';
import type { Transaction } from './transaction.ts';
import { offsetFetchV8 } from './wire.ts';

/** Brokers take 4096 bytes of metadata with an offset (offset.metadata.max.bytes). */
const chunkBytes = 4000;

type Stored = Record<string, Record<string, string>>;

/** One piece of a checkpoint. `n`: number of pieces; `p`: source → split → position. */
interface Chunk {
  readonly n: number;
  readonly p: Stored;
}

/**
 * The positions of a job where its output is: as metadata of a consumer group's offset, which Kafka commits in the
 * same transaction as the records. What does not fit into one offset goes on in groups named '<group>.1', '<group>.2'…
 * The offset itself counts the checkpoints.
 */
export class StoredPositions {
  readonly group: string;
  readonly #client: Client;
  /** An existing partition, which the protocol wants an offset to belong to. */
  readonly #at: TopicPartition;
  #count = 0n;
  #loaded: Map<string, Map<string, string>> | undefined;

  constructor(client: Client, group: string, at: TopicPartition) {
    this.#client = client;
    this.group = group;
    this.#at = at;
  }

  /** The committed positions of a source's splits; waits for a transaction that is being committed. */
  async restore(source: string, splits: readonly string[]): Promise<Positions> {
    this.#loaded ??= await this.#load();
    const stored = this.#loaded.get(source);
    return new Map(
      splits.flatMap((split) => {
        const position = stored?.get(split);
        return position === undefined ? [] : [[split, position] as const];
      }),
    );
  }

  /** Makes the positions part of the transaction. */
  async save(transaction: Transaction, positions: ReadonlyMap<string, Positions>): Promise<void> {
    this.#loaded ??= await this.#load();
    // Splits that this run does not read keep their positions.
    for (const [source, splits] of positions) {
      this.#loaded.set(source, new Map([...(this.#loaded.get(source) ?? []), ...splits]));
    }
    await this.#write(transaction, this.#loaded);
  }

  /** Drops all positions as part of the transaction. */
  async forget(transaction: Transaction): Promise<void> {
    this.#loaded = new Map();
    await this.#write(transaction, this.#loaded);
  }

  async #write(transaction: Transaction, positions: ReadonlyMap<string, Positions>): Promise<void> {
    this.#count++;
    const texts = chunksOf(positions);
    for (const [i, text] of texts.entries()) {
      await transaction.commitOffset(this.#groupOf(i), this.#at, this.#count, text);
    }
  }

  #groupOf(chunk: number): string {
    return chunk === 0 ? this.group : `${this.group}.${chunk}`;
  }

  async #load(): Promise<Map<string, Map<string, string>>> {
    const positions = new Map<string, Map<string, string>>();
    let chunks = 1;
    for (let i = 0; i < chunks; i++) {
      const chunk = await this.#chunk(this.#groupOf(i));
      if (chunk === undefined) {
        if (i === 0) return positions;
        throw new RunError('bad-checkpoint', `part ${i} of the checkpoint in group '${this.group}' is missing`, {
          help: 'start afresh with --fresh',
        });
      }
      chunks = chunk.n;
      for (const [source, splits] of Object.entries(chunk.p)) {
        positions.set(source, new Map([...(positions.get(source) ?? []), ...Object.entries(splits)]));
      }
    }
    return positions;
  }

  async #chunk(group: string): Promise<Chunk | undefined> {
    // No topics: all that the group has, for the topic that carries the offset may be another one by now.
    const request = [{ groupId: group, memberEpoch: -1, topics: null as never }];
    const { code, found } = await this.#client.coordinated(0, group, async (connection) => {
      const answer = (await call(connection, offsetFetchV8.api, request, true)).groups[0];
      const partitions = answer?.topics.flatMap((topic) => topic.partitions) ?? [];
      const codes = [answer?.errorCode ?? 0, ...partitions.map((p) => p.errorCode)];
      return { code: codes.find((c) => c !== 0) ?? 0, found: partitions };
    });
    if (code === errorCode.groupAuthorizationFailed)
      throw notAllowed(`group '${group}'`, 'read', this.#client.settings);
    if (code !== 0) {
      throw new RunError('kafka-error', `the checkpoint in group '${group}' cannot be read: ${errorName(code)}`);
    }
    const newest = found
      .filter((p) => p.committedOffset >= 0n)
      .sort((a, b) => (a.committedOffset < b.committedOffset ? 1 : -1))[0];
    if (newest === undefined) return undefined;
    if (newest.committedOffset > this.#count) this.#count = newest.committedOffset;
    try {
      return JSON.parse(newest.metadata ?? '') as Chunk;
    } catch {
      throw new RunError('bad-checkpoint', `group '${group}' holds offsets of another program, not of this job`, {
        help: 'give the job another name (pipeline.name), or delete the group',
      });
    }
  }
}

/** The positions as JSON texts that each fit into the metadata of an offset. */
export function chunksOf(positions: ReadonlyMap<string, Positions>): string[] {
  const pieces: Stored[] = [{}];
  let size = 0;
  for (const [source, splits] of positions) {
    for (const [split, position] of splits) {
      const added = Buffer.byteLength(JSON.stringify([source, split, position])) + 6;
      if (size + added > chunkBytes - 40) {
        pieces.push({});
        size = 0;
      }
      size += added;
      const piece = pieces.at(-1)!;
      piece[source] ??= {};
      piece[source][split] = position;
    }
  }
  return pieces.map((p) => JSON.stringify({ n: pieces.length, p } satisfies Chunk));
}
