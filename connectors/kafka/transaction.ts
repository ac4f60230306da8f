import { RunError } from '../../engine/connector/errors.ts';
import type { Client } from './client.ts';
import { call } from './connection.ts';
import { groupBy } from './group-by.ts';
import type { TopicPartition } from './offsets.ts';
import { isRetriable, produceError } from './producer-errors.ts';
import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  type Connection,
  endTxnV3,
  initProducerIdV4,
  txnOffsetCommitV3,
} from './wire.ts';

/** Identity of a producer by which brokers recognise repeated batches and fence its predecessors. */
export interface ProducerIdentity {
  readonly id: bigint;
  readonly epoch: number;
}

/** Asks for an identity; with a transactional id it ends what earlier holders left open and fences them. */
export async function initProducer(
  client: Client,
  transactionalId: string | null,
  timeout: number,
): Promise<ProducerIdentity> {
  const attempt = async (connection: Connection) => {
    const answer = await call(connection, initProducerIdV4.api, transactionalId, timeout, -1n, -1);
    return { code: answer.errorCode, id: answer.producerId, epoch: answer.producerEpoch };
  };
  const where = transactionalId === null ? 'the cluster' : `transactional id '${transactionalId}'`;
  const answer = await client.patiently(where, async () => {
    const result =
      transactionalId === null ? await client.askAny(attempt) : await client.coordinated(1, transactionalId, attempt);
    return isRetriable(result.code) ? undefined : result;
  });
  if (answer.code !== 0) throw produceError(answer.code, '', where, undefined, client.settings);
  return { id: answer.id, epoch: answer.epoch };
}

/** The transactions of one producer, one after another. It begins with the first partition or offset added. */
export class Transaction {
  readonly transactionalId: string;
  readonly #client: Client;
  readonly #producer: ProducerIdentity;
  readonly #partitions = new Set<string>();
  #open = false;

  constructor(client: Client, transactionalId: string, producer: ProducerIdentity) {
    this.#client = client;
    this.transactionalId = transactionalId;
    this.#producer = producer;
  }

  /** Makes the partitions part of the transaction; needed before records are written to them. */
  async add(partitions: readonly TopicPartition[]): Promise<void> {
    const fresh = partitions.filter((p) => !this.#partitions.has(`${p.topic}-${p.partition}`));
    if (fresh.length === 0) return;
    const topics = [...groupBy(fresh, (p) => p.topic)].map(([name, ps]) => ({
      name,
      partitions: ps.map((p) => p.partition),
    }));
    this.#open = true;
    await this.#ask(async (connection) => {
      const { id, epoch } = this.#producer;
      const request = {
        transactionalId: this.transactionalId,
        producerId: id,
        producerEpoch: epoch,
        verifyOnly: false,
        topics,
      };
      const answer = await call(connection, addPartitionsToTxnV3.api, [request]);
      const results = answer.resultsByTransaction.flatMap((t) => t.topicResults.flatMap((r) => r.resultsByPartition));
      return results.map((r) => r.partitionErrorCode);
    });
    for (const p of fresh) this.#partitions.add(`${p.topic}-${p.partition}`);
  }

  /** Commits an offset with metadata for a group as part of the transaction. */
  async commitOffset(group: string, at: TopicPartition, offset: bigint, metadata: string): Promise<void> {
    const { id, epoch } = this.#producer;
    this.#open = true;
    await this.#ask(async (connection) => {
      const answer = await call(connection, addOffsetsToTxnV3.api, this.transactionalId, id, epoch, group);
      return [answer.errorCode];
    });
    const topics = [
      {
        name: at.topic,
        partitions: [
          {
            partitionIndex: at.partition,
            committedOffset: offset,
            committedLeaderEpoch: -1,
            committedMetadata: metadata,
          },
        ],
      },
    ];
    const code = await this.#client.patiently(`the coordinator of group '${group}'`, async () => {
      const result = await this.#client.coordinated(0, group, async (connection) => {
        const answer = await call(
          connection,
          txnOffsetCommitV3.api,
          this.transactionalId,
          group,
          id,
          epoch,
          -1,
          '',
          null,
          topics,
        );
        const codes = answer.topics.flatMap((t) => t.partitions.map((p) => p.errorCode));
        return { code: codes.find((c) => c !== 0) ?? 0 };
      });
      return isRetriable(result.code) ? undefined : result.code;
    });
    if (code === 12) {
      throw new RunError(
        'checkpoint-too-large',
        `the positions of this job do not fit into offset.metadata.max.bytes of the broker`,
      );
    }
    if (code !== 0) throw produceError(code, at.topic, this.#where(), undefined, this.#client.settings);
  }

  /** Ends the transaction; commits or rolls back all that was added. Nothing to do where none is open. */
  async end(commit: boolean): Promise<void> {
    if (!this.#open) return;
    const { id, epoch } = this.#producer;
    await this.#ask(async (connection) => {
      const answer = await call(connection, endTxnV3.api, this.transactionalId, id, epoch, commit);
      return [answer.errorCode];
    });
    this.#open = false;
    this.#partitions.clear();
  }

  /** Asks the coordinator until it neither moves nor is busy; asking again is harmless, for it knows the producer. */
  async #ask(request: (connection: Connection) => Promise<readonly number[]>): Promise<void> {
    const code = await this.#client.patiently(`the coordinator of '${this.transactionalId}'`, async () => {
      let result: { readonly code: number };
      try {
        result = await this.#client.coordinated(1, this.transactionalId, async (connection) => {
          const codes = await request(connection);
          return { code: codes.find((c) => c !== 0 && !isRetriable(c)) ?? codes.find((c) => c !== 0) ?? 0 };
        });
      } catch (error) {
        if (error instanceof RunError && error.passing) return undefined;
        throw error;
      }
      return isRetriable(result.code) ? undefined : result.code;
    });
    if (code !== 0) throw produceError(code, '', this.#where(), undefined, this.#client.settings);
  }

  #where(): string {
    return `transactional id '${this.transactionalId}'`;
  }
}
