import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../../../connectors/kafka/embedded/broker.ts';
import { ErrorCode } from '../../../connectors/kafka/embedded/error-codes.ts';
import {
  describeGroupsRequest,
  describeGroupsResponse,
} from '../../../connectors/kafka/embedded/messages/group-admin.ts';
import {
  heartbeatRequest,
  heartbeatResponse,
  joinGroupRequest,
  joinGroupResponse,
} from '../../../connectors/kafka/embedded/messages/groups.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../../../connectors/kafka/embedded/messages/offsets-of-log.ts';
import {
  addPartitionsToTxnRequest,
  addPartitionsToTxnResponse,
  endTxnRequest,
  errorOnlyResponse,
  initProducerIdRequest,
  initProducerIdResponse,
} from '../../../connectors/kafka/embedded/messages/transactions.ts';
import { until } from '../../servers/index.ts';
import { batch } from '../kafka/batches.ts';
import { RawClient, sequenced } from './raw-client.ts';

let broker: EmbeddedBroker;
let client: RawClient;
let trouble: string[];
let topic = 'topic-0';
let topics = 0;

beforeAll(async () => {
  const names = Array.from({ length: 40 }, (_, i) => `topic-${i}`);
  broker = await startEmbeddedBroker({ topics: names, autoCreate: false, report: (text) => trouble.push(text) });
});

afterAll(() => broker.close());

beforeEach(() => {
  topic = `topic-${topics++}`;
  trouble = [];
  client = new RawClient(broker.address);
  return () => client.close();
});

describe('requests that cannot be served', () => {
  it('ApiVersions of a version to come is told, in the oldest form, which versions there are', async () => {
    const body = await client.send(18, 99, Buffer.alloc(0));
    expect(body.readInt16BE(0)).toBe(ErrorCode.unsupportedVersion);
    expect([body.readInt32BE(2), body.readInt16BE(6)]).toEqual([1, 18]);
  });

  it.each([
    ['a version to come', 3, 99],
    ['a version of the past', 1, 3],
    ['an unknown request', 9999, 0],
  ])('%s closes the connection', async (_, key, version) => {
    void client.send(key, version, Buffer.alloc(0));
    expect(await client.closed).toBe('closed');
    expect(trouble).toEqual([`malformed request: unsupported request ${key} version ${version}`]);
  });

  it.each([
    ['a size beyond all bounds', [0x7f, 0xff, 0xff, 0xff]],
    ['a negative size', [0xff, 0xff, 0xff, 0xff]],
    ['another protocol', [...Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
    ['an array longer than its request', [0, 0, 0, 14, 0, 3, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0, 0, 0]],
    ['a request that ends too early', [0, 0, 0, 10, 0, 3, 0, 5, 0, 0, 0, 1, 0xff, 0xff]],
  ])('%s closes the connection', async (_, bytes) => {
    client.socket.write(Buffer.from(bytes));
    expect(await client.closed).toBe('closed');
    expect(trouble).toHaveLength(1);
  });

  it('whatever the bytes are, the connection answers or closes, and the broker lives', async () => {
    const request = fc.tuple(
      fc.integer({ min: 0, max: 70 }).filter((key) => key !== 19),
      fc.integer({ min: 0, max: 13 }),
      fc.uint8Array({ maxLength: 80 }),
    );
    await fc.assert(
      fc.asyncProperty(request, async ([key, version, body]) => {
        const fuzzing = new RawClient(broker.address);
        const head = Buffer.alloc(14);
        head.writeInt32BE(10 + body.length, 0);
        head.writeInt16BE(key, 4);
        head.writeInt16BE(version, 6);
        head.writeInt16BE(-1, 12);
        // A truncated request follows: whoever could answer the first one still has to close on the second.
        fuzzing.socket.write(Buffer.concat([head, body, Buffer.from([0, 0, 0, 1])]));
        expect(await fuzzing.closed).toBe('closed');
      }),
      { numRuns: 300 },
    );
    expect(await client.fetch(topic, 0)).toMatchObject({ errorCode: 0 });
    expect(trouble.filter((text) => text.startsWith('request failed'))).toEqual([]);
  });

  it('SASL is refused by name', async () => {
    const body = await client.send(17, 1, Buffer.from([0, 5, ...Buffer.from('PLAIN')]));
    expect(body.readInt16BE(0)).toBe(ErrorCode.illegalSaslState);
  });
});

describe('produce', () => {
  it('assigns offsets and keeps all else of the batch', async () => {
    const sent = batch([{ value: 'a' }, { value: 'b' }], { baseOffset: 77, leaderEpoch: 5 });
    expect(await client.produce(topic, sent)).toEqual({ errorCode: 0, baseOffset: 0, logStartOffset: 0 });
    expect(await client.produce(topic, sent)).toMatchObject({ errorCode: 0, baseOffset: 2 });
    const { bytes, highWatermark } = await client.fetch(topic, 0);
    expect(highWatermark).toBe(4);
    expect(bytes.length).toBe(2 * sent.length);
    expect(bytes.readBigInt64BE(sent.length)).toBe(2n);
    expect(bytes.subarray(16, sent.length)).toEqual(sent.subarray(16));
  });

  it('does not answer acks=0, and does answer what follows', async () => {
    client.produceWithoutAnswer(topic, batch([{ value: 'a' }]));
    expect(await client.fetch(topic, 0)).toMatchObject({ errorCode: 0, highWatermark: 1 });
  });

  it.each([
    ['a broken checksum', ErrorCode.corruptMessage, (b: Buffer) => b.writeUInt8(b[65]! ^ 1, 65)],
    ['an old format', ErrorCode.unsupportedForMessageFormat, (b: Buffer) => b.writeInt8(1, 16)],
    ['a batch that ends beyond its records', ErrorCode.corruptMessage, (b: Buffer) => b.writeInt32BE(9999, 8)],
  ])('refuses %s', async (_, errorCode, spoil) => {
    const bytes = batch([{ value: 'a' }]);
    spoil(bytes);
    expect(await client.produce(topic, bytes)).toMatchObject({ errorCode, baseOffset: -1 });
    expect((await client.fetch(topic, 0)).highWatermark).toBe(0);
  });

  it('refuses two batches at once, control batches, unknown topics and acks', async () => {
    const one = batch([{ value: 'a' }]);
    expect((await client.produce(topic, Buffer.concat([one, one]))).errorCode).toBe(ErrorCode.invalidRecord);
    expect((await client.produce(topic, batch([], { marker: 'commit' }))).errorCode).toBe(ErrorCode.invalidRecord);
    expect((await client.produce('missing', one)).errorCode).toBe(ErrorCode.unknownTopicOrPartition);
    expect((await client.produce(topic, one, 2)).errorCode).toBe(ErrorCode.invalidRequiredAcks);
  });

  it('takes a batch of an idempotent producer once, and none after a gap', async () => {
    const at = (first: number, epoch = 0) => sequenced(2, { producerId: 5, epoch, first });
    expect(await client.produce(topic, at(0))).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(await client.produce(topic, at(2))).toMatchObject({ errorCode: 0, baseOffset: 2 });
    // Sent again, because the answer was lost: the old offset, and nothing is written.
    expect(await client.produce(topic, at(0))).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect((await client.produce(topic, at(6))).errorCode).toBe(ErrorCode.outOfOrderSequenceNumber);
    expect(await client.produce(topic, at(0, 1))).toMatchObject({ errorCode: 0, baseOffset: 4 });
    expect((await client.produce(topic, at(2, 0))).errorCode).toBe(ErrorCode.invalidProducerEpoch);
    expect((await client.fetch(topic, 0)).highWatermark).toBe(6);
  });

  it('counts sequences over the end of 32 bits', async () => {
    const producer = { producerId: 6, epoch: 0 };
    await client.produce(topic, sequenced(3, { ...producer, first: 2_147_483_646 }));
    expect(await client.produce(topic, sequenced(1, { ...producer, first: 1 }))).toMatchObject({ errorCode: 0 });
    expect((await client.produce(topic, sequenced(1, { ...producer, first: 3 }))).errorCode).toBe(
      ErrorCode.outOfOrderSequenceNumber,
    );
  });

  it('takes transactional records only into partitions of an open transaction', async () => {
    const request = { transactionalId: 'raw', transactionTimeout: 1000, producerId: -1, producerEpoch: -1 };
    const { producerId } = await client.call(22, 1, initProducerIdRequest, initProducerIdResponse, request);
    const records = sequenced(1, { producerId, epoch: 0, first: 0 }, { transactional: true });
    expect((await client.produce(topic, records, -1, 'raw')).errorCode).toBe(ErrorCode.invalidTxnState);
    expect((await client.produce(topic, records, -1, 'other')).errorCode).toBe(ErrorCode.invalidProducerIdMapping);
  });
});

describe('records that cannot be looked into', () => {
  it('are found by time at the start of their batch', async () => {
    await client.produce(topic, batch([{ value: 'before' }], { baseTimestamp: 500, maxTimestamp: 500 }));
    await client.produce(
      topic,
      batch([{ value: 'a' }], {
        compression: 4,
        compress: () => Buffer.from('?'),
        baseTimestamp: 1000,
        maxTimestamp: 3000,
      }),
    );
    const { topics: found } = await client.call(2, 1, listOffsetsRequest, listOffsetsResponse, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [{ name: topic, partitions: [{ partition: 0, currentLeaderEpoch: -1, timestamp: 2000 }] }],
    });
    expect(found[0]!.partitions[0]).toMatchObject({ errorCode: 0, offset: 1 });
  });
});

describe('fetch', () => {
  it('waits for records and is answered when they come', async () => {
    const fetched = client.fetch(topic, 0, { maxWait: 25_000 });
    const producing = new RawClient(broker.address);
    await producing.produce(topic, batch([{ value: 'a' }]));
    expect((await fetched).highWatermark).toBe(1);
    producing.close();
  });

  it('waits until there are min_bytes', async () => {
    const one = batch([{ value: 'x'.repeat(100) }]);
    const fetched = client.fetch(topic, 0, { maxWait: 25_000, minBytes: 2 * one.length });
    const producing = new RawClient(broker.address);
    await producing.produce(topic, one);
    await producing.produce(topic, one);
    expect((await fetched).bytes.length).toBe(2 * one.length);
    producing.close();
  });

  it('gives nothing when nothing came in time', async () => {
    expect(await client.fetch(topic, 0, { maxWait: 20 })).toMatchObject({ errorCode: 0, records: [Buffer.alloc(0)] });
  });

  it('gives whole batches up to max_bytes, and at least one', async () => {
    const one = batch([{ value: 'x'.repeat(1000) }]);
    for (let i = 0; i < 5; i++) await client.produce(topic, one);
    expect((await client.fetch(topic, 0, { maxBytes: 2.5 * one.length })).bytes.length).toBe(2 * one.length);
    expect((await client.fetch(topic, 3, { maxBytes: 10 })).bytes.length).toBe(one.length);
  });

  it('refuses offsets before the start and after the end', async () => {
    await client.produce(topic, batch([{ value: 'a' }]));
    expect((await client.fetch(topic, 1)).errorCode).toBe(0);
    expect((await client.fetch(topic, 2)).errorCode).toBe(ErrorCode.offsetOutOfRange);
    expect((await client.fetch(topic, -1)).errorCode).toBe(ErrorCode.offsetOutOfRange);
  });

  it('answers requests in the order in which they came', async () => {
    const order: number[] = [];
    const waiting = client.fetch(topic, 0, { maxWait: 50 }).then(() => order.push(1));
    const after = client.fetch(topic, 0).then(() => order.push(2));
    await Promise.all([waiting, after]);
    expect(order).toEqual([1, 2]);
  });
});

describe('groups', () => {
  it('forget a member that is not heard of for its session timeout', async () => {
    const join = {
      groupId: 'silent',
      sessionTimeout: 200,
      rebalanceTimeout: 200,
      memberId: '',
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from([0, 0, 0, 0, 0, 0]) }],
      reason: null,
    };
    const joined = await client.call(11, 2, joinGroupRequest, joinGroupResponse, join);
    expect(joined).toMatchObject({ errorCode: 0, generationId: 1, leader: joined.memberId });
    await until('the group is empty', async () => {
      const wanted = { groups: ['silent'], includeAuthorizedOperations: false };
      const { groups } = await client.call(15, 1, describeGroupsRequest, describeGroupsResponse, wanted);
      return groups[0]!.groupState === 'Empty' && groups[0]!.members.length === 0;
    });
  });

  it('refuse a second protocol type and unknown members', async () => {
    const join = {
      groupId: 'mixed',
      sessionTimeout: 5000,
      rebalanceTimeout: 5000,
      memberId: '',
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      reason: null,
    };
    await client.call(11, 2, joinGroupRequest, joinGroupResponse, join);
    const wrong = await client.call(11, 2, joinGroupRequest, joinGroupResponse, { ...join, protocolType: 'connect' });
    expect(wrong.errorCode).toBe(ErrorCode.inconsistentGroupProtocol);
    const unknown = await client.call(11, 2, joinGroupRequest, joinGroupResponse, { ...join, memberId: 'nobody' });
    expect(unknown.errorCode).toBe(ErrorCode.unknownMemberId);
  });

  it('give the place of a restarted static member to its new self, and shut out the old one', async () => {
    const join = {
      groupId: 'static',
      sessionTimeout: 5000,
      rebalanceTimeout: 5000,
      memberId: '',
      groupInstanceId: 'instance',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
      reason: null,
    };
    const first = await client.call(11, 5, joinGroupRequest, joinGroupResponse, join);
    const second = await client.call(11, 5, joinGroupRequest, joinGroupResponse, join);
    expect([first.errorCode, second.errorCode]).toEqual([0, 0]);
    expect(second.members.map((m) => m.memberId)).toEqual([second.memberId]);
    const beat = (memberId: string, generationId: number) =>
      client.call(12, 3, heartbeatRequest, heartbeatResponse, {
        groupId: 'static',
        generationId,
        memberId,
        groupInstanceId: 'instance',
      });
    expect((await beat(first.memberId, first.generationId)).errorCode).toBe(ErrorCode.fencedInstanceId);
    expect((await beat(second.memberId, second.generationId)).errorCode).toBe(ErrorCode.none);
  });
});

describe('transactions', () => {
  it('that stay open too long are rolled back, and their producer is shut out', async () => {
    const init = { transactionalId: 'slow', transactionTimeout: 200, producerId: -1, producerEpoch: -1 };
    const { producerId } = await client.call(22, 1, initProducerIdRequest, initProducerIdResponse, init);
    const producer = { transactionalId: 'slow', producerId, producerEpoch: 0 };
    const topics = [{ name: topic, partitions: [0] }];
    await client.call(24, 2, addPartitionsToTxnRequest, addPartitionsToTxnResponse, { ...producer, topics });
    const records = sequenced(1, { producerId, epoch: 0, first: 0 }, { transactional: true });
    expect(await client.produce(topic, records, -1, 'slow')).toMatchObject({ errorCode: 0, baseOffset: 0 });
    const committed = { isolationLevel: 1 };
    expect(await client.fetch(topic, 0, committed)).toMatchObject({ lastStableOffset: 0, highWatermark: 1 });
    await until('the roll-back', async () => (await client.fetch(topic, 0, committed)).lastStableOffset === 2);
    expect((await client.fetch(topic, 0, committed)).aborted).toEqual([{ producerId, firstOffset: 0 }]);
    const end = await client.call(26, 2, endTxnRequest, errorOnlyResponse, { ...producer, committed: true });
    expect(end.errorCode).toBe(ErrorCode.producerFenced);
    expect((await client.produce(topic, records, -1, 'slow')).errorCode).toBe(ErrorCode.invalidProducerEpoch);
  });
});
