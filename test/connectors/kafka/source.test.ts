import { Kafka, logLevel } from 'kafkajs';
import { expect, it } from 'vitest';
import { committedOffsets, createTopic, need, produce, uniqueName, until } from '../../servers/index.ts';
import { withAdmin } from '../../servers/kafka-client.ts';
import { quiet, readAll, sourceOf } from './table.ts';

const servers = await need('kafka');

const from = (topic: string, more: Readonly<Record<string, string>> = {}) => ({
  topic,
  'properties.bootstrap.servers': servers.kafka,
  'scan.startup.mode': 'earliest-offset',
  'scan.bounded.mode': 'latest-offset',
  ...more,
});

const values = (...texts: string[]) => texts.map((value, i) => ({ value, partition: i % 2 }));
const sorted = (rows: unknown[][]) => rows.map((row) => row[0]).sort();

servers.describe('reading topics', () => {
  it('reads every record of every partition once, in order', async () => {
    const topic = await createTopic(servers.kafka);
    await produce(
      servers.kafka,
      topic,
      Array.from({ length: 50_000 }, (_, i) => ({ value: String(i), partition: i % 2 })),
    );
    const rows = await readAll(['v', 'partition@', 'offset@'], from(topic));
    expect(rows.length).toBe(50_000);
    for (const partition of [0, 1]) {
      const own = rows.filter((row) => row[1] === partition);
      expect(own.map((row) => row[2])).toEqual(Array.from({ length: 25_000 }, (_, i) => BigInt(i)));
      expect(own.map((row) => row[0])).toEqual(Array.from({ length: 25_000 }, (_, i) => String(2 * i + partition)));
    }
  });

  it('shows metadata columns', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    await produce(servers.kafka, topic, [
      { key: 'k', value: 'a', timestamp: 1_700_000_000_123, headers: { h: 'x', i: 'ü' } },
      { value: 'b', timestamp: 1_600_000_000_000 },
    ]);
    const names = [
      'v',
      'topic@',
      'partition@',
      'offset@',
      'timestamp@',
      'timestamp-type@',
      'headers@',
      'header-list@',
      'leader-epoch@',
    ];
    const [first, second] = await readAll(names, from(topic));
    const bytes = (s: string) => new Uint8Array(Buffer.from(s));
    expect(first).toEqual([
      'a',
      topic,
      0,
      0n,
      1_700_000_000_123_000n,
      'CreateTime',
      new Map([
        ['h', bytes('x')],
        ['i', bytes('ü')],
      ]),
      [
        ['h', bytes('x')],
        ['i', bytes('ü')],
      ],
      0,
    ]);
    expect(second?.slice(3, 7)).toEqual([1n, 1_600_000_000_000_000n, 'CreateTime', new Map()]);
  });

  it('shows the time of the broker where the topic wants it', async () => {
    const topic = await createTopic(servers.kafka, {
      partitions: 1,
      config: { 'message.timestamp.type': 'LogAppendTime' },
    });
    const before = BigInt(Date.now()) * 1000n;
    await produce(servers.kafka, topic, [{ value: 'a', timestamp: 1 }]);
    const [[type, time]] = (await readAll(['timestamp-type@', 'timestamp@'], from(topic))) as [[string, bigint]];
    expect(type).toBe('LogAppendTime');
    expect(time).toBeGreaterThanOrEqual(before - 5_000_000n);
  });

  it('skips NULL values and reads what follows', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    await produce(servers.kafka, topic, [{ value: 'a' }, { value: null }, { value: 'b' }]);
    expect(await readAll(['v'], from(topic))).toEqual([['a'], ['b']]);
  });

  it('takes key columns from the key, multiplies rows, drops records without key', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    await produce(servers.kafka, topic, [
      { key: 'k', value: 'a' },
      { key: 'l|m', value: 'b|c' },
      { key: null, value: 'd' },
      { key: 'n', value: 'e' },
    ]);
    const options = {
      ...from(topic),
      format: '',
      'key.format': 'text',
      'value.format': 'text',
      'key.fields': 'key_a',
      'key.fields-prefix': 'key_',
      'value.fields-include': 'EXCEPT_KEY',
    };
    expect(await readAll(['key_a', 'v', 'offset@'], options)).toEqual([
      ['k', 'a', 0n],
      ['l', 'b', 1n],
      ['m', 'b', 1n],
      ['l', 'c', 1n],
      ['m', 'c', 1n],
      ['n', 'e', 3n],
    ]);
    // A column of both is the value's.
    const both = { ...options, 'key.fields-prefix': '', 'value.fields-include': 'ALL' };
    expect((await readAll(['key_a', 'v'], both))[0]).toEqual(['a', 'a']);
  });

  it('reads gzip and large messages', async () => {
    const topic = await createTopic(servers.kafka, {
      partitions: 1,
      config: { 'compression.type': 'gzip', 'max.message.bytes': '8000000' },
    });
    const large = 'x'.repeat(3_000_000);
    await produce(servers.kafka, topic, [{ value: 'a' }, { value: large }, { value: 'b' }]);
    expect((await readAll(['v'], from(topic))).map(([v]) => (v as string).length)).toEqual([1, 3_000_000, 1]);
    const plain = await createTopic(servers.kafka, { partitions: 1, config: { 'max.message.bytes': '8000000' } });
    await produce(servers.kafka, plain, [{ value: 'a' }, { value: large }, { value: 'b' }]);
    const small = { 'properties.fetch.max.bytes': '1000', 'properties.max.partition.fetch.bytes': '1000' };
    expect((await readAll(['v'], from(plain, small))).map(([v]) => (v as string).length)).toEqual([1, 3_000_000, 1]);
  });

  for (const compression of ['snappy', 'lz4', 'zstd']) {
    const works = compression !== 'zstd' || Number(process.versions.node.split('.')[0]) >= 23;
    it(`${works ? 'reads' : 'explains that this Node.js cannot read'} ${compression}`, async () => {
      // The broker itself compresses with Java's libraries.
      const topic = await createTopic(servers.kafka, { partitions: 1, config: { 'compression.type': compression } });
      await produce(
        servers.kafka,
        topic,
        Array.from({ length: 5000 }, (_, i) => ({ value: `message ${i}` })),
      );
      if (works) {
        const rows = await readAll(['v'], from(topic));
        expect(rows.map((row) => row[0])).toEqual(Array.from({ length: 5000 }, (_, i) => `message ${i}`));
      } else {
        await expect(readAll(['v'], from(topic))).rejects.toMatchObject({ code: 'unsupported-compression' });
      }
    });
  }

  it('skips rolled back transactions and markers, unless asked for', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const producer = new Kafka({ brokers: [servers.kafka], logLevel: logLevel.NOTHING }).producer({
      transactionalId: uniqueName('tx'),
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    const send = async (commit: boolean, ...texts: string[]) => {
      const transaction = await producer.transaction();
      for (const value of texts) await transaction.send({ topic, messages: [{ value }] });
      if (commit) await transaction.commit();
      else await transaction.abort();
    };
    await send(true, 'a', 'b');
    await send(false, 'lost', 'lost too');
    await send(true, 'c');
    await send(false, 'lost at the end');
    await produce(servers.kafka, topic, [{ value: 'plain' }]);
    await producer.disconnect();
    const reader = sourceOf(['v'], from(topic));
    await reader.open();
    expect(await reader.all()).toEqual([['a'], ['b'], ['c'], ['plain']]);
    // 4 markers and 7 records: the position is behind the last of them.
    expect(reader.positions()).toEqual({ [`${topic}-0`]: '11' });
    await reader.source.close();
    const all = await readAll(['v'], from(topic, { 'properties.isolation.level': 'read_uncommitted' }));
    expect(all.length).toBe(7);
  });

  it('sees a transaction only once it is committed', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const producer = new Kafka({ brokers: [servers.kafka], logLevel: logLevel.NOTHING }).producer({
      transactionalId: uniqueName('tx'),
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value: 'later' }] });
    expect(await readAll(['v'], from(topic))).toEqual([]);
    await transaction.commit();
    await producer.disconnect();
    expect(await readAll(['v'], from(topic))).toEqual([['later']]);
  });

  it('reads lists and patterns of topics', async () => {
    const prefix = uniqueName('many');
    for (const name of ['a', 'b', 'other'])
      await createTopic(servers.kafka, { name: `${prefix}.${name}`, partitions: 1 });
    for (const name of ['a', 'b', 'other']) await produce(servers.kafka, `${prefix}.${name}`, [{ value: name }]);
    expect(sorted(await readAll(['v'], from(`${prefix}.a;${prefix}.b`)))).toEqual(['a', 'b']);
    const pattern = { ...from(''), 'topic-pattern': `\\Q${prefix}.\\E[ab]` };
    expect(sorted(await readAll(['v'], pattern))).toEqual(['a', 'b']);
  });

  it('finds partitions and topics that come later and reads them from their start', async () => {
    const prefix = uniqueName('grow');
    const topic = await createTopic(servers.kafka, { name: `${prefix}-1`, partitions: 1 });
    await produce(servers.kafka, topic, [{ value: 'before' }]);
    const reader = sourceOf(['v'], {
      'topic-pattern': `${prefix}.*`,
      'properties.bootstrap.servers': servers.kafka,
      'scan.startup.mode': 'latest-offset',
      'scan.topic-partition-discovery.interval': '200 ms',
    });
    await reader.open();
    await withAdmin(servers.kafka, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }));
    await createTopic(servers.kafka, { name: `${prefix}-2`, partitions: 1 });
    await produce(servers.kafka, topic, [{ value: 'new partition', partition: 1 }]);
    await produce(servers.kafka, `${prefix}-2`, [{ value: 'new topic' }]);
    expect(sorted(await reader.rows(2))).toEqual(['new partition', 'new topic']);
    expect(reader.positions()).toEqual({ [`${topic}-0`]: '1', [`${topic}-1`]: '1', [`${prefix}-2-0`]: '1' });
    await reader.source.close();
  });

  it('wakes up for a message at once', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const reader = sourceOf(['v'], { ...from(topic), 'scan.startup.mode': 'latest-offset', 'scan.bounded.mode': '' });
    await reader.open();
    const next = reader.rows(1);
    await produce(servers.kafka, topic, [{ value: 'hello' }]);
    expect(await next).toEqual([['hello']]);
    expect(reader.source.lag?.()).toEqual([{ split: `${topic}-0`, records: 0, timestamp: expect.any(Number) }]);
    await reader.source.close();
  });

  it('leaves nothing open when it is closed while it opens', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    await until('no other sockets', () => sockets() === 0);
    for (const wait of [0, 5, 20, 60]) {
      const reader = sourceOf(['v'], { ...from(topic), 'scan.bounded.mode': '' });
      const opening = reader.open().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, wait));
      await reader.source.close();
      await opening;
    }
    await until('all sockets closed', () => sockets() === 0);
  });

  it('stops waiting when it is told to', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const reader = sourceOf(['v'], { ...from(topic), 'scan.bounded.mode': '' });
    await reader.open();
    const abort = new AbortController();
    const polled = reader.source.poll(abort.signal);
    abort.abort(new Error('stop'));
    await expect(polled).rejects.toThrow('stop');
    await reader.source.close();
  });
});

servers.describe('where reading starts', () => {
  it('starts at the end and knows its positions before the first row', async () => {
    const topic = await createTopic(servers.kafka);
    await produce(servers.kafka, topic, values('a', 'b', 'c'));
    const reader = sourceOf(['v'], { ...from(topic), 'scan.startup.mode': 'latest-offset', 'scan.bounded.mode': '' });
    await reader.open();
    expect(reader.positions()).toEqual({ [`${topic}-0`]: '2', [`${topic}-1`]: '1' });
    await produce(servers.kafka, topic, values('d'));
    expect(await reader.rows(1)).toEqual([['d']]);
    await reader.source.close();
  });

  it('goes on at restored positions; partitions that the checkpoint does not know begin at their start', async () => {
    const topic = await createTopic(servers.kafka);
    await produce(servers.kafka, topic, values('a', 'b', 'c', 'd'));
    const latest = { 'scan.startup.mode': 'latest-offset' };
    expect(sorted(await readAll(['v'], from(topic, latest), { [`${topic}-0`]: '1', [`${topic}-1`]: '1' }))).toEqual([
      'c',
      'd',
    ]);
    expect(sorted(await readAll(['v'], from(topic, latest), { [`${topic}-0`]: '1' }))).toEqual(['b', 'c', 'd']);
  });

  it('starts at a timestamp, at the end where nothing is as new', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    await produce(
      servers.kafka,
      topic,
      [1000, 2000, 3000].map((timestamp) => ({ value: String(timestamp), timestamp })),
    );
    const at = (ms: string) => from(topic, { 'scan.startup.mode': 'timestamp', 'scan.startup.timestamp-millis': ms });
    expect(await readAll(['v'], at('1500'))).toEqual([['2000'], ['3000']]);
    expect(await readAll(['v'], at('2000'))).toEqual([['2000'], ['3000']]);
    expect(await readAll(['v'], at('9000'))).toEqual([]);
  });

  it('starts at specific offsets, others at the beginning, and corrects offsets beyond the log', async () => {
    const topic = await createTopic(servers.kafka);
    await produce(servers.kafka, topic, values('a', 'b', 'c', 'd'));
    const at = (offsets: string) =>
      from(topic, { 'scan.startup.mode': 'specific-offsets', 'scan.startup.specific-offsets': offsets });
    expect(sorted(await readAll(['v'], at('partition:0,offset:1')))).toEqual(['b', 'c', 'd']);
    expect(sorted(await readAll(['v'], at('partition:0,offset:99;partition:1,offset:2')))).toEqual(['a', 'c']);
  });

  it('starts where the group is, and names group and partitions where it has been nowhere', async () => {
    const topic = await createTopic(servers.kafka);
    const group = uniqueName('group');
    await produce(servers.kafka, topic, values('a', 'b', 'c', 'd'));
    const options = from(topic, { 'scan.startup.mode': 'group-offsets', 'properties.group.id': group });
    await expect(readAll(['v'], options)).rejects.toMatchObject({
      code: 'no-committed-offset',
      passing: false,
      message: `group '${group}' has no committed offset of ${topic}-0, ${topic}-1`,
    });
    const reset = { ...options, 'properties.auto.offset.reset': 'earliest' };
    expect((await readAll(['v'], reset)).length).toBe(4);
    const reader = sourceOf(['v'], reset);
    await reader.open();
    reader.source.acknowledge?.(
      new Map([
        [`${topic}-0`, '1'],
        [`${topic}-1`, '2'],
      ]),
    );
    await until('the commit', async () => (await committedOffsets(servers.kafka, group, topic)).size === 2);
    await reader.source.close();
    expect(await committedOffsets(servers.kafka, group, topic)).toEqual(
      new Map([
        [0, 1],
        [1, 2],
      ]),
    );
    expect(await readAll(['v'], options)).toEqual([['c']]);
    const ends = { 'scan.startup.mode': 'earliest-offset', 'scan.bounded.mode': 'group-offsets' };
    expect(sorted(await readAll(['v'], { ...options, ...ends }))).toEqual(['a', 'b', 'd']);
  });

  it('ends at offsets and timestamps', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 2 });
    await produce(
      servers.kafka,
      topic,
      [1000, 2000, 3000].map((timestamp) => ({ value: String(timestamp), timestamp, partition: 0 })),
    );
    await produce(servers.kafka, topic, [{ value: 'not read', partition: 1, timestamp: 5000 }]);
    const offsets = {
      'scan.bounded.mode': 'specific-offsets',
      'scan.bounded.specific-offsets': 'partition:0,offset:2',
    };
    expect(await readAll(['v'], from(topic, offsets))).toEqual([['1000'], ['2000']]);
    const time = { 'scan.bounded.mode': 'timestamp', 'scan.bounded.timestamp-millis': '2500' };
    expect(await readAll(['v'], from(topic, time))).toEqual([['1000'], ['2000']]);
  });
});

servers.describe('when reading fails', () => {
  it('names topic, partition, offset and text of a malformed record after the rows before it', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    await produce(servers.kafka, topic, [{ value: 'a' }, { value: 'b' }, { value: '!bad\n' }, { value: 'c' }]);
    const reader = sourceOf(['v'], from(topic));
    await reader.open();
    expect(await reader.rows(2)).toEqual([['a'], ['b']]);
    await expect(reader.rows(1)).rejects.toMatchObject({
      code: 'malformed-record',
      passing: false,
      message: `topic '${topic}', partition 0, offset 2, column 'v': text begins with !\n  value: !bad\\n`,
    });
    expect(reader.positions()).toEqual({ [`${topic}-0`]: '2' });
    await reader.source.close();
  });

  it('names the key where that is malformed, and the option that skips records', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    await produce(servers.kafka, topic, [
      { key: 'k', value: '{"v": "a"}' },
      { key: '!k', value: '{"v": "b"}' },
    ]);
    const keyed = { ...from(topic), format: '', 'key.format': 'text', 'key.fields': 'k', 'value.format': 'json' };
    const reader = sourceOf(['k', 'v'], { ...keyed, 'value.fields-include': 'EXCEPT_KEY' });
    await reader.open();
    expect(await reader.rows(1)).toEqual([['k', 'a']]);
    await expect(reader.rows(1)).rejects.toMatchObject({
      message: `topic '${topic}', partition 0, offset 1, column 'k': text begins with !\n  key: !k`,
    });
    await reader.source.close();
    await produce(servers.kafka, topic, [{ key: 'k', value: 'no JSON' }]);
    const broken = {
      ...from(topic),
      format: 'json',
      'scan.startup.mode': 'specific-offsets',
      'scan.startup.specific-offsets': 'partition:0,offset:2',
    };
    await expect(readAll(['v'], broken)).rejects.toMatchObject({
      message: expect.stringContaining('offset 2'),
      help: expect.stringContaining("'json.ignore-parse-errors' = 'true' makes NULL of fields that do not fit"),
    });
    expect(await readAll(['v'], { ...broken, 'json.ignore-parse-errors': 'true' })).toEqual([]);
  });

  it('names the topics nearest to one that does not exist', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const wrong = `${topic}x`;
    await expect(readAll(['v'], from(wrong))).rejects.toMatchObject({
      code: 'missing-topic',
      passing: false,
      message: `topic '${wrong}' does not exist on ${servers.kafka}`,
      help: `did you mean '${topic}'?`,
    });
    // And asking did not create it.
    await expect(readAll(['v'], from(wrong))).rejects.toMatchObject({ code: 'missing-topic' });
  });

  it('names option, address and reason of a broker that cannot be reached', async () => {
    const nowhere = { 'properties.bootstrap.servers': '127.0.0.1:1' };
    await expect(readAll(['v'], from('t', nowhere))).rejects.toMatchObject({
      code: 'kafka-unreachable',
      passing: true,
      message: "broker 127.0.0.1:1 of option 'properties.bootstrap.servers' cannot be reached: connection refused",
    });
    const unknown = { 'properties.bootstrap.servers': 'no-such-host.invalid:9092' };
    await expect(readAll(['v'], from('t', unknown))).rejects.toMatchObject({
      passing: true,
      message: expect.stringContaining('no-such-host.invalid:9092'),
    });
  });

  it('explains that a plain listener does not speak TLS', async () => {
    await expect(readAll(['v'], from('t', { 'properties.security.protocol': 'SSL' }))).rejects.toMatchObject({
      message: expect.stringContaining(servers.kafka),
      help: expect.stringContaining("'properties.security.protocol'"),
    });
  });

  it('tells that a position has expired, or goes on where the options say', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    await produce(
      servers.kafka,
      topic,
      values('a', 'b', 'c', 'd').map((m) => ({ ...m, partition: 0 })),
    );
    await withAdmin(servers.kafka, async (admin) => {
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    });
    const restored = { [`${topic}-0`]: '1' };
    await expect(readAll(['v'], from(topic), restored)).rejects.toMatchObject({
      code: 'offset-out-of-range',
      passing: false,
      message: `offset 1 of ${topic}-0 has expired: the topic begins at 2`,
    });
    const events: string[] = [];
    const reader = sourceOf(['v'], from(topic, { 'properties.auto.offset.reset': 'earliest' }), quiet(events));
    await reader.open(restored);
    expect(await reader.all()).toEqual([['c'], ['d']]);
    await reader.source.close();
    expect(events.some((event) => event.startsWith('kafka_offset_reset') && event.includes('"offset":1'))).toBe(true);
    await expect(
      readAll(
        ['v'],
        from(topic, {
          'scan.bounded.mode': 'specific-offsets',
          'scan.bounded.specific-offsets': 'partition:0,offset:200',
        }),
        { [`${topic}-0`]: '99' },
      ),
    ).rejects.toMatchObject({
      message: `offset 99 of ${topic}-0 lies beyond the end of the topic, 4: the topic was created anew or cut off`,
    });
  });
});
