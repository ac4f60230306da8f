import { connect, type Socket } from 'node:net';
import { crc32c } from '../../../connectors/kafka/crc32c.ts';
import { fetchRequest, fetchResponse } from '../../../connectors/kafka/embedded/messages/fetch.ts';
import { produceRequest, produceResponse } from '../../../connectors/kafka/embedded/messages/produce.ts';
import { FrameReader } from '../../../connectors/kafka/embedded/wire/frame-reader.ts';
import { Reader } from '../../../connectors/kafka/embedded/wire/reader.ts';
import type { Type, ValueOf } from '../../../connectors/kafka/embedded/wire/schema.ts';
import { Writer } from '../../../connectors/kafka/embedded/wire/writer.ts';
import { batch, type TestBatch } from '../kafka/batches.ts';

/** A connection that sends what no client would: one request after another, byte by byte if need be. */
export class RawClient {
  readonly socket: Socket;
  /** Resolves when the broker closes the connection. */
  readonly closed: Promise<'closed'>;
  readonly #waiting: ((frame: Buffer) => void)[] = [];

  constructor(address: string) {
    const frames = new FrameReader();
    this.socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    this.socket.on('data', (chunk) => {
      for (const frame of frames.push(chunk)!) this.#waiting.shift()!(frame);
    });
    // A reset is an end too: 'close' follows.
    this.socket.on('error', () => this.socket.destroy());
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve('closed')));
  }

  /** Sends a request in a version that is not flexible; the body of the answer, after its correlation id. */
  send(key: number, version: number, body: Buffer): Promise<Buffer> {
    this.#write(key, version, body);
    return new Promise((resolve) => this.#waiting.push((frame) => resolve(frame.subarray(4))));
  }

  #write(key: number, version: number, body: Buffer): void {
    const head = Buffer.alloc(14);
    head.writeInt32BE(10 + body.length, 0);
    head.writeInt16BE(key, 4);
    head.writeInt16BE(version, 6);
    head.writeInt32BE(7, 8);
    head.writeInt16BE(-1, 12);
    this.socket.write(Buffer.concat([head, body]));
  }

  /** Produce, version 7, with acks=0. */
  produceWithoutAnswer(topic: string, records: Buffer): void {
    const writer = new Writer(7, false);
    const topics = [{ name: topic, partitions: [{ index: 0, records: [records] }] }];
    produceRequest.write(writer, { transactionalId: null, acks: 0, timeout: 1000, topics });
    this.#write(0, 7, Buffer.concat(writer.chunks()));
  }

  async call<Q, A>(key: number, version: number, request: Type<Q>, response: Type<A>, value: Q): Promise<A> {
    const writer = new Writer(version, false);
    request.write(writer, value);
    return response.read(new Reader(await this.send(key, version, Buffer.concat(writer.chunks())), 0, version, false));
  }

  /** Produce, version 7, of one batch into partition 0. */
  async produce(topic: string, records: Buffer, acks = -1, transactionalId: string | null = null) {
    const topics = [{ name: topic, partitions: [{ index: 0, records: [records] }] }];
    const request = { transactionalId, acks, timeout: 1000, topics };
    const answer = await this.call(0, 7, produceRequest, produceResponse, request);
    const { errorCode, baseOffset, logStartOffset } = answer.responses[0]!.partitions[0]!;
    return { errorCode, baseOffset, logStartOffset };
  }

  /** Fetch, version 11, of partition 0. */
  async fetch(topic: string, fetchOffset: number, more: Partial<ValueOf<typeof fetchRequest>> = {}) {
    const partition = {
      partition: 0,
      currentLeaderEpoch: -1,
      fetchOffset,
      lastFetchedEpoch: -1,
      logStartOffset: -1,
      partitionMaxBytes: 1_048_576,
    };
    const request = {
      replicaId: -1,
      maxWait: 0,
      minBytes: 1,
      maxBytes: 52_428_800,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [{ topicId: '', topic, partitions: [partition] }],
      forgotten: [],
      rackId: '',
      ...more,
    };
    const answer = await this.call(1, 11, fetchRequest, fetchResponse, request);
    const fetched = answer.responses[0]!.partitions[0]!;
    return { ...fetched, bytes: Buffer.concat(fetched.records ?? []) };
  }

  close(): void {
    this.socket.destroy();
  }
}

export interface Sequence {
  readonly producerId: number;
  readonly epoch: number;
  readonly first: number;
}

/** A batch of `count` records of an idempotent producer. */
export function sequenced(count: number, { producerId, epoch, first }: Sequence, options: TestBatch = {}): Buffer {
  const bytes = batch(
    Array.from({ length: count }, (_, i) => ({ value: `${first + i}` })),
    { ...options, producerId },
  );
  bytes.writeInt16BE(epoch, 51);
  bytes.writeInt32BE(first, 53);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}
