import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder, type Headers } from '../../../connectors/kafka/batch-builder.ts';
import { compressor } from '../../../connectors/kafka/compression.ts';
import { murmur2, partitionOf } from '../../../connectors/kafka/murmur2.ts';
import { RecordCursor, type RecordRows } from '../../../connectors/kafka/record-cursor.ts';
import { readHeaderList } from '../../../connectors/kafka/record-headers.ts';
import { Split } from '../../../connectors/kafka/split.ts';
import { chunksOf } from '../../../connectors/kafka/stored-positions.ts';

describe('record batches that are written', () => {
  it('are read as they were given, with every compression', () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: null });
    const record = fc.record({
      key: bytes,
      value: bytes,
      timestamp: fc.integer({ min: 0, max: 2 ** 43 }),
      headers: fc.array(fc.tuple(fc.string({ maxLength: 10 }), bytes), { maxLength: 3 }),
    });
    const compression = fc.constantFrom('none', 'gzip', 'snappy', 'lz4');
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), compression, (records, name) => {
        const builder = new BatchBuilder(64);
        for (const r of records) builder.append(r.key, r.value, r.timestamp, r.headers);
        const batch = builder.build({
          producerId: 5n,
          producerEpoch: 1,
          baseSequence: 7,
          transactional: false,
          compression: name,
          compress: compressor(name),
        });
        expect(readBack(batch)).toEqual(records);
      }),
    );
  });
});

function readBack(batch: Buffer) {
  const read: { key: Uint8Array | null; value: Uint8Array | null; timestamp: number; headers: Headers }[] = [];
  const part = (bytes: Buffer, start: number, end: number) =>
    start < 0 ? null : new Uint8Array(bytes.subarray(start, end));
  const rows: RecordRows = {
    length: 0,
    reserve: () => {},
    begin: () => {},
    append: (bytes, keyStart, keyEnd, valueStart, valueEnd, headersAt, offset, timestamp) => {
      expect(offset).toBe(read.length);
      read.push({
        key: part(bytes, keyStart, keyEnd),
        value: part(bytes, valueStart, valueEnd),
        timestamp,
        headers: readHeaderList(bytes, headersAt),
      });
    },
  };
  const split = new Split('t', 0, 0, Number.POSITIVE_INFINITY, false);
  const cursor = new RecordCursor({ split, bytes: batch, start: 0, end: batch.length, aborted: [] }, true);
  expect(cursor.read(rows, 1000)).toBe('end');
  return read;
}

describe('the partition of a key', () => {
  it("is Java's", () => {
    // The values of the test of Kafka's own Utils.murmur2.
    const known: Readonly<Record<string, number>> = {
      '21': -973932308,
      foobar: -790332482,
      'a-little-bit-long-string': -985981536,
      'a-little-bit-longer-string': -1486304829,
      lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
      abc: 479470107,
    };
    for (const [text, hash] of Object.entries(known)) expect(murmur2(Buffer.from(text)), text).toBe(hash);
    expect(partitionOf(Buffer.from('21'), 100)).toBe((-973932308 & 0x7fffffff) % 100);
  });
});

describe('positions as metadata of offsets', () => {
  it('fit into what brokers take, and lose nothing', () => {
    const splits = new Map(Array.from({ length: 500 }, (_, i) => [`topic-ü-${i}`, String(i)]));
    const texts = chunksOf(
      new Map([
        ['a', splits],
        ['b', new Map([['x', 'y']])],
      ]),
    );
    expect(texts.length).toBeGreaterThan(1);
    const all = new Map<string, string>();
    for (const text of texts) {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
      const { n, p } = JSON.parse(text) as { n: number; p: Record<string, Record<string, string>> };
      expect(n).toBe(texts.length);
      for (const [split, position] of Object.entries(p.a ?? {})) all.set(split, position);
    }
    expect(all).toEqual(splits);
    expect(chunksOf(new Map())).toEqual(['{"n":1,"p":{}}']);
  });
});
