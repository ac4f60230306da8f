import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Rejection } from '../../../engine/connector/rejection.ts';
import type { Sink } from '../../../engine/connector/sink.ts';
import { RowKind } from '../../../engine/types/batch.ts';
import { createTopic, need, produce, readTopic, uniqueName } from '../../servers/index.ts';
import { keepRejected } from '../rejects-nothing.ts';
import { bindAs, readAll, rowsFor, sinkOf, tableOf } from './table.ts';

const servers = await need('kafka');

const to = (topic: string, more: Readonly<Record<string, string>> = {}) => ({
  topic,
  'properties.bootstrap.servers': servers.kafka,
  ...more,
});

const none = { positions: new Map() };
const at = (position: string) => ({ positions: new Map([['source', new Map([['s-0', position]])]]) });
const sourcePosition = async (sink: Sink) => (await sink.restore!('source', ['s-0', 's-1'])).get('s-0');

/** Values by partition, as kafkajs reads them. */
const valuesOf = async (topic: string) => (await readTopic(servers.kafka, topic)).map((m) => m.value);

servers.describe('writing topics', () => {
  it('writes what another client reads, in order', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const table = tableOf('a', 'b');
    const sink = sinkOf(table, to(topic));
    await sink.open();
    const rows = Array.from({ length: 50_000 }, (_, i) => [`a${i}`, 'ü'.repeat(i % 40)]);
    for (let i = 0; i < rows.length; i += 1000) await sink.write(rowsFor(table, rows.slice(i, i + 1000)));
    expect(sink.pending).toBe(50_000);
    await sink.commit(none);
    expect(sink.pending).toBe(0);
    await sink.close();
    expect(await valuesOf(topic)).toEqual(rows.map((row) => row.join(',')));
  });

  it('spreads rows without key over partitions, and keeps a key where Java keeps it', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 5 });
    const table = tableOf('k', 'v');
    const plain = sinkOf(table, to(topic));
    await plain.open();
    await plain.write(
      rowsFor(
        table,
        Array.from({ length: 20_000 }, (_, i) => [String(i), 'x']),
      ),
    );
    await plain.commit(none);
    await plain.close();
    const spread = await readTopic(servers.kafka, topic);
    expect(new Set(spread.map((m) => m.partition)).size).toBe(5);

    const keyed = await createTopic(servers.kafka, { partitions: 5 });
    const sink = sinkOf(
      table,
      to(keyed, { 'key.format': 'text', 'key.fields': 'k', 'value.fields-include': 'EXCEPT_KEY' }),
    );
    await sink.open();
    const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`);
    await sink.write(
      rowsFor(
        table,
        keys.map((key) => [key, `of ${key}`]),
      ),
    );
    await sink.commit(none);
    await sink.close();
    const own = await readTopic(servers.kafka, keyed);
    // kafkajs' default partitioner is Java's.
    const other = await createTopic(servers.kafka, { partitions: 5 });
    await produce(
      servers.kafka,
      other,
      keys.map((key) => ({ key, value: `of ${key}` })),
    );
    const theirs = await readTopic(servers.kafka, other);
    const places = (read: typeof own) => read.map((m) => `${m.partition} ${m.key} ${m.value}`).sort();
    expect(places(own)).toEqual(places(theirs));
  });

  it('writes metadata columns', async () => {
    const names = [uniqueName('m'), uniqueName('m')];
    for (const name of names) await createTopic(servers.kafka, { name, partitions: 1 });
    const table = writable('v', 'topic', 'timestamp', 'headers');
    const sink = sinkOf(table, to(names.join(';')));
    await sink.open();
    const headers = new Map([
      ['h', Buffer.from('x')],
      ['none', null],
    ]);
    await sink.write(
      rowsFor(table, [
        ['a', names[0]!, 1_700_000_000_123_000n, headers],
        ['b', names[1]!, null, null],
      ]),
    );
    await sink.commit(none);
    const [first] = await readTopic(servers.kafka, names[0]!);
    expect(first).toMatchObject({ value: 'a', timestamp: '1700000000123' });
    expect(Object.keys(first!.headers)).toEqual(['h']);
    const [second] = await readTopic(servers.kafka, names[1]!);
    expect(Number(second!.timestamp)).toBeGreaterThan(Date.now() - 60_000);
    const wrong = rowsFor(table, [['c', 'elsewhere', null, null]]);
    expect(() => sink.write(wrong)).toThrow(
      `names topic 'elsewhere': option 'topic' allows '${names[0]}', '${names[1]}'`,
    );
    expect(() => sink.write(rowsFor(table, [['c', null, null, null]]))).toThrow('is NULL');
    await sink.close();
  });

  for (const compression of ['gzip', 'snappy', 'lz4']) {
    it(`compresses with ${compression}, which the broker and others can read`, async () => {
      // The broker unpacks the records to compress them anew for the topic.
      const topic = await createTopic(servers.kafka, { partitions: 1, config: { 'compression.type': 'gzip' } });
      const table = tableOf('v');
      const sink = sinkOf(table, to(topic, { 'properties.compression.type': compression }));
      await sink.open();
      const rows = Array.from({ length: 20_000 }, (_, i) => [`message ${i}`]);
      await sink.write(rowsFor(table, rows));
      await sink.commit(none);
      await sink.close();
      expect(await valuesOf(topic)).toEqual(rows.map(([v]) => v));
    });
  }

  it('writes deleted rows of upsert-kafka as records without value', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const table = { ...tableOf('k', 'v'), primaryKey: [0] };
    const options = {
      ...to(topic),
      connector: 'upsert-kafka',
      format: '',
      'key.format': 'text',
      'value.format': 'text',
    };
    const sink = sinkOf(table, options);
    await sink.open();
    const { insert, updateBefore, updateAfter, delete: deleted } = RowKind;
    const rows = [
      ['a', '1'],
      ['a', '1'],
      ['a', '2'],
      ['b', '1'],
      ['a', '2'],
    ];
    await sink.write(rowsFor(table, rows, [insert, updateBefore, updateAfter, insert, deleted]));
    await sink.commit(none);
    await sink.close();
    const read = (await readTopic(servers.kafka, topic)).map((m) => [m.key, m.value]);
    expect(read).toEqual([
      ['a', 'a,1'],
      ['a', 'a,2'],
      ['b', 'b,1'],
      ['a', null],
    ]);

    const reduced = await createTopic(servers.kafka, { partitions: 1 });
    const buffered = sinkOf(table, {
      ...options,
      topic: reduced,
      'sink.buffer-flush.max-rows': '100',
      'sink.buffer-flush.interval': '1 s',
    });
    await buffered.open();
    await buffered.write(rowsFor(table, rows, [insert, updateBefore, updateAfter, insert, deleted]));
    expect(buffered.pending).toBe(2);
    await buffered.commit(none);
    await buffered.close();
    expect((await readTopic(servers.kafka, reduced)).map((m) => [m.key, m.value])).toEqual([
      ['a', null],
      ['b', 'b,1'],
    ]);
  });

  it('takes an update that only says what was for a deletion: the new row did not pass a filter', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const own = { ...tableOf('k', 'v'), primaryKey: [0] };
    const columns = own.columns.map((column) => ({ ...column, type: { ...column.type, nullable: false } }));
    const table = { ...own, columns };
    const more = { connector: 'upsert-kafka', format: '', 'key.format': 'text', 'value.format': 'text' };
    const sink = sinkOf(table, { ...to(topic), ...more });
    await sink.open();
    const { insert, updateBefore, updateAfter, delete: deleted } = RowKind;
    const rows = [
      ['a', '1'],
      ['b', '1'],
      ['b', '2'],
      ['c', null],
    ];
    await sink.write(rowsFor(table, rows, [updateBefore, updateBefore, updateAfter, deleted]));
    await sink.write(rowsFor(table, [['d', '1']], [insert]));
    await sink.commit(none);
    await sink.close();
    expect((await readTopic(servers.kafka, topic)).map((m) => [m.key, m.value])).toEqual([
      ['a', null],
      ['b', 'b,2'],
      ['c', null],
      ['d', 'd,1'],
    ]);
  });

  it('creates missing topics only where it is told to', async () => {
    const topic = uniqueName('new');
    const table = tableOf('v');
    await expect(sinkOf(table, to(topic)).open()).rejects.toMatchObject({
      code: 'missing-topic',
      passing: false,
      help: expect.stringContaining('--create-tables creates missing topics'),
    });
    const sink = sinkOf(table, to(topic), { createTables: true });
    await sink.open();
    await sink.write(rowsFor(table, [['a']]));
    await sink.commit(none);
    await sink.close();
    expect(await valuesOf(topic)).toEqual(['a']);
  });

  it('fills batches only as far as the topic takes them', async () => {
    const small = await createTopic(servers.kafka, { partitions: 1, config: { 'max.message.bytes': '1000' } });
    const table = tableOf('v');
    for (const compression of ['none', 'gzip']) {
      const sink = sinkOf(table, to(small, { 'properties.compression.type': compression }));
      await sink.open();
      // Random, so that nothing is won by compressing.
      const rows = Array.from({ length: 200 }, (_, i) => [randomBytes(3 * (i + 1)).toString('base64')]);
      await sink.write(rowsFor(table, rows));
      await sink.commit(none);
      await sink.close();
      expect((await valuesOf(small)).slice(-200)).toEqual(rows.map(([value]) => value));
    }
  });

  it('leaves out what no record can be made of where on-error says so: the largest record still fits', async () => {
    const small = await createTopic(servers.kafka, { partitions: 1, config: { 'max.message.bytes': '1000' } });
    const another = await createTopic(servers.kafka, { partitions: 1 });
    const table = writable('v', 'topic', 'timestamp');
    const told: Rejection[] = [];
    const options = {
      'on-error': 'dead-letter',
      'on-error.out-of-range': 'skip',
      'key.format': 'text',
      'key.fields': 'v',
    };
    const sink = sinkOf(table, to(`${small};${another}`, options), keepRejected(told));
    await sink.open();
    // Key and value hold the same. 61 bytes of a batch, 10 of a record: 1000 are reached with 464 and 465 bytes.
    const rows = [
      ['first', small, null],
      ['x'.repeat(464), small, null],
      ['x'.repeat(465), small, null],
      ['nowhere', 'elsewhere', null],
      ['early', small, -1_000_000n],
      ['x'.repeat(465), another, null],
      ['last', small, null],
    ];
    await sink.write(rowsFor(table, rows));
    await sink.commit(none);
    await sink.close();
    expect(await valuesOf(small)).toEqual(['first', 'x'.repeat(464), 'last']);
    expect(await valuesOf(another)).toEqual(['x'.repeat(465)]);
    expect(told).toMatchObject([
      { reason: 'too-large', policy: 'dead-letter', message: expect.stringContaining(`topic '${small}' takes 1000`) },
      { reason: 'constraint', policy: 'dead-letter', message: expect.stringContaining("names topic 'elsewhere'") },
      { reason: 'out-of-range', policy: 'skip', message: expect.stringContaining('before 1970') },
    ]);
    const { key, value } = told[1]!;
    expect([key, value].map((bytes) => JSON.parse(Buffer.from(bytes!).toString()) as unknown)).toEqual([
      { v: 'nowhere' },
      { v: 'nowhere', topic: 'elsewhere', timestamp: null },
    ]);
  });

  it('names records that are too large and records that a topic refuses', async () => {
    const small = await createTopic(servers.kafka, { partitions: 1, config: { 'max.message.bytes': '1000' } });
    const table = tableOf('v');
    const sink = sinkOf(table, to(small));
    await sink.open();
    const large = rowsFor(table, [['x'.repeat(5000)]]);
    expect(() => sink.write(large)).toThrow(`a record of 5070 bytes, topic '${small}' takes 1000`);
    await sink.close();
    const fitting = sinkOf(table, to(small, { 'properties.compression.type': 'gzip' }));
    await fitting.open();
    await fitting.write(large);
    await fitting.commit(none);
    await fitting.close();
    expect(await valuesOf(small)).toEqual(['x'.repeat(5000)]);
    const compacted = await createTopic(servers.kafka, { partitions: 1, config: { 'cleanup.policy': 'compact' } });
    const keyless = sinkOf(table, to(compacted));
    await keyless.open();
    await keyless.write(rowsFor(table, [['x']]));
    await expect(keyless.commit(none)).rejects.toMatchObject({ code: 'record-refused', passing: false });
    await keyless.close();
  });

  it('keeps NULL out of columns that are NOT NULL', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const plain = tableOf('v', 'w');
    const table = {
      ...plain,
      columns: plain.columns.map((c, i) => (i === 0 ? { ...c, type: { ...c.type, nullable: false } } : c)),
    };
    const strict = sinkOf(table, to(topic));
    await strict.open();
    expect(() => strict.write(rowsFor(table, [[null, 'x']]))).toThrow(
      "column 'v' of table 't' is NOT NULL, but a row holds NULL",
    );
    await strict.close();
    const dropping = sinkOf(table, to(topic), { notNull: 'DROP' });
    await dropping.open();
    await dropping.write(
      rowsFor(table, [
        [null, 'x'],
        ['a', 'y'],
      ]),
    );
    await dropping.commit(none);
    await dropping.close();
    expect(await valuesOf(topic)).toEqual(['a,y']);
  });
});

servers.describe('exactly once', () => {
  const transactional = (topic: string) =>
    to(topic, { 'sink.delivery-guarantee': 'exactly-once', 'sink.transactional-id-prefix': 'p' });

  it('shows rows and positions together, or neither', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 2 });
    const table = tableOf('v');
    const job = uniqueName('job');
    const first = sinkOf(table, transactional(topic), { job });
    await first.open();
    expect(await sourcePosition(first)).toBe(undefined);
    await first.write(rowsFor(table, [['a'], ['b']]));
    await first.commit(at('2'));
    await shows(topic, 'a', 'b');
    // Rows that come while a commit is under way belong to the next one.
    await first.write(rowsFor(table, [['c']]));
    const committing = first.commit(at('3'));
    await first.write(rowsFor(table, [['lost']]));
    await committing;
    await first.close();

    const second = sinkOf(table, transactional(topic), { job });
    await second.open();
    expect(await sourcePosition(second)).toBe('3');
    await second.write(rowsFor(table, [['d']]));
    await second.commit(at('4'));
    await second.close();
    await shows(topic, 'a', 'b', 'c', 'd');

    const third = sinkOf(table, transactional(topic), { job });
    await third.open();
    expect(await sourcePosition(third)).toBe('4');
    await third.forget!();
    await third.close();
    const fourth = sinkOf(table, transactional(topic), { job });
    await fourth.open();
    expect(await sourcePosition(fourth)).toBe(undefined);
    await fourth.close();
  });

  it('fences a run that another one has replaced', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const table = tableOf('v');
    const job = uniqueName('job');
    const zombie = sinkOf(table, transactional(topic), { job });
    await zombie.open();
    await zombie.write(rowsFor(table, [['of the zombie']]));
    const successor = sinkOf(table, transactional(topic), { job });
    await successor.open();
    await successor.write(rowsFor(table, [['of the successor']]));
    await expect(zombie.commit(at('1'))).rejects.toMatchObject({ code: 'fenced', passing: false });
    await successor.commit(at('1'));
    await zombie.close();
    await successor.close();
    await shows(topic, 'of the successor');
  });

  it('keeps the positions of many splits', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 1 });
    const table = tableOf('v');
    const job = uniqueName('job');
    const splits = Array.from(
      { length: 1000 },
      (_, i) => [`a-topic-with-a-long-name-${i}`, String(2 ** 40 + i)] as const,
    );
    const sink = sinkOf(table, transactional(topic), { job });
    await sink.open();
    await sink.commit({
      positions: new Map([
        ['one', new Map(splits)],
        ['two', new Map([['x', '1']])],
      ]),
    });
    // Fewer parts than before must not bring back older ones.
    await sink.commit({ positions: new Map([['two', new Map([['x', '2']])]]) });
    await sink.close();
    const again = sinkOf(table, transactional(topic), { job });
    await again.open();
    expect(
      await again.restore!(
        'one',
        splits.map(([name]) => name),
      ),
    ).toEqual(new Map(splits));
    expect(await again.restore!('two', ['x', 'y'])).toEqual(new Map([['x', '2']]));
    await again.close();
  });

  it('commits many small transactions without losing or repeating a row', async () => {
    const topic = await createTopic(servers.kafka, { partitions: 3 });
    const table = tableOf('v');
    const sink = sinkOf(table, transactional(topic), { job: uniqueName('job') });
    await sink.open();
    let committing: Promise<void> = Promise.resolve();
    for (let i = 0; i < 50; i++) {
      await sink.write(
        rowsFor(
          table,
          Array.from({ length: 20 }, (_, j) => [String(i * 20 + j)]),
        ),
      );
      await committing;
      committing = sink.commit(at(String(i)));
    }
    await committing;
    await sink.close();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const rows = await readAll(['v'], {
      ...to(topic),
      'scan.startup.mode': 'earliest-offset',
      'scan.bounded.mode': 'latest-offset',
    });
    expect(rows.map(([v]) => Number(v)).sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });
});

servers.describe('options for writing', () => {
  const problems = (table: ReturnType<typeof tableOf>, options: Readonly<Record<string, string>>) =>
    bindAs('sink', table, { ...to('a'), ...options }).problems.map((p) => `${p.code}: ${p.message}`);

  it('are checked', () => {
    expect(problems(tableOf('v'), {})).toEqual([]);
    expect(problems(tableOf('v'), { topic: 'a;b' })).toEqual([
      "conflicting-options: table 't' may write several topics and needs a column that names one for each row",
    ]);
    expect(problems(writable('v', 'topic'), {})).toEqual([
      "conflicting-options: table 't' writes one topic, so its column 'topic' cannot choose it",
    ]);
    expect(problems(tableOf('v'), { 'sink.delivery-guarantee': 'exactly-once' })).toEqual([
      "missing-option: 'exactly-once' needs option 'sink.transactional-id-prefix'",
    ]);
    expect(problems(tableOf('v'), { 'sink.partitioner': 'org.MyPartitioner' })[0]).toContain('bad-option');
    const upsert = { connector: 'upsert-kafka', format: '', 'key.format': 'text', 'value.format': 'text' };
    expect(problems(tableOf('v'), upsert)).toEqual([
      "invalid-key: table 't' needs a PRIMARY KEY: it is the key of its records",
    ]);
    expect(
      problems({ ...tableOf('v'), primaryKey: [0] }, { ...upsert, 'sink.buffer-flush.max-rows': '5' })[0],
    ).toContain('must both be above 0');
  });
});

/** Waits for the values: a commit is final before its markers have reached all partitions. */
async function shows(topic: string, ...values: string[]): Promise<void> {
  let seen: unknown[] = [];
  for (let attempt = 0; attempt < 20 && seen.length < values.length; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    seen = (await valuesOf(topic)).sort();
  }
  expect(seen).toEqual(values);
}

/** A table whose names after the first are metadata columns that are written. */
function writable(first: string, ...keys: string[]) {
  const table = tableOf(first, ...keys.map((key) => `${key}@`));
  return {
    ...table,
    columns: table.columns.map((c) =>
      c.kind === 'metadata' ? { ...c, virtual: false, type: { ...c.type, nullable: true } } : c,
    ),
  };
}
