import { compressionsAlgorithms } from '@platformatic/kafka';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../connectors/kafka/crc32c.ts';
import { offsetAfter } from '../../../connectors/kafka/record-batch.ts';
import { type AbortedTransaction, RecordCursor, type RecordRows } from '../../../connectors/kafka/record-cursor.ts';
import { readHeaderList } from '../../../connectors/kafka/record-headers.ts';
import { Split } from '../../../connectors/kafka/split.ts';
import { batch, type TestRecord } from './batches.ts';

interface Seen {
  key: string | null;
  value: string | null;
  offset: number;
  timestamp: number;
  headers: number;
}

class Collected implements RecordRows {
  rows: Seen[] = [];
  bytes: Buffer[] = [];
  refuse: string | undefined;
  get length(): number {
    return this.rows.length;
  }
  reserve(): void {}
  begin(): void {}
  append(
    bytes: Buffer,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    headersAt: number,
    offset: number,
    timestamp: number,
  ): void {
    const value = valueStart < 0 ? null : bytes.toString('utf8', valueStart, valueEnd);
    if (value !== null && value === this.refuse) throw new TypeError('refused');
    this.rows.push({
      key: keyStart < 0 ? null : bytes.toString('utf8', keyStart, keyEnd),
      value,
      offset,
      timestamp,
      headers: readHeaderList(bytes, headersAt).length,
    });
  }
}

interface Options {
  readonly from?: number;
  readonly stop?: number;
  readonly limit?: number;
  readonly aborted?: readonly AbortedTransaction[];
  readonly checkCrc?: boolean;
}

function read(bytes: Buffer, options: Options = {}) {
  const split = new Split('t', 0, options.from ?? 0, options.stop ?? Number.POSITIVE_INFINITY, false);
  // Records stand somewhere inside a response.
  const response = Buffer.concat([Buffer.alloc(7, 0xff), bytes, Buffer.alloc(5, 0xff)]);
  const cursor = new RecordCursor(
    { split, bytes: response, start: 7, end: 7 + bytes.length, aborted: options.aborted ?? [] },
    options.checkCrc ?? true,
  );
  const rows: Seen[] = [];
  const positions: number[] = [];
  for (;;) {
    const collected = new Collected();
    const result = cursor.read(collected, options.limit ?? 1000);
    rows.push(...collected.rows);
    positions.push(split.position);
    if (result === 'end') break;
    if (result !== 'more') return { rows, positions, split, refused: result };
  }
  return { rows, positions, split };
}

const values = (rows: readonly Seen[]) => rows.map((row) => row.value);
const plain = (...texts: (string | null)[]): TestRecord[] => texts.map((value) => ({ value }));

describe('the checksum', () => {
  it('is CRC-32C', () => {
    // The check value of the algorithm, and those of RFC 3720, B.4.
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e);
  });
});

describe('reading record batches', () => {
  it('reads keys, values, NULLs, headers, offsets and timestamps', () => {
    const bytes = batch(
      [
        { key: 'k', value: 'v', timestampDelta: 5 },
        {
          key: null,
          value: 'w',
          timestampDelta: -3,
          headers: [
            ['h', 'x'],
            ['n', null],
          ],
        },
        { key: '', value: null, timestampDelta: 5_000_000_000 },
      ],
      { baseOffset: 2 ** 40, baseTimestamp: 1_700_000_000_000 },
    );
    expect(read(bytes).rows).toEqual([
      { key: 'k', value: 'v', offset: 2 ** 40, timestamp: 1_700_000_000_005, headers: 0 },
      { key: null, value: 'w', offset: 2 ** 40 + 1, timestamp: 1_699_999_999_997, headers: 2 },
      { key: '', value: null, offset: 2 ** 40 + 2, timestamp: 1_705_000_000_000, headers: 0 },
    ]);
  });

  it('gives the time of the log where the batch has it', () => {
    const bytes = batch([{ value: 'v', timestampDelta: 5 }], {
      logAppendTime: true,
      baseTimestamp: 1,
      maxTimestamp: 99,
    });
    expect(read(bytes).rows[0]?.timestamp).toBe(99);
  });

  it('reads any values over any number of batches and any limit', () => {
    const message = fc.option(fc.string({ maxLength: 300 }), { nil: null });
    fc.assert(
      fc.property(
        fc.array(fc.array(message, { minLength: 1, maxLength: 20 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        (batches, limit) => {
          let base = 10;
          const parts = batches.map((texts) => {
            const bytes = batch(plain(...texts), { baseOffset: base });
            base += texts.length;
            return bytes;
          });
          const { rows, split } = read(Buffer.concat(parts), { limit });
          expect(values(rows)).toEqual(batches.flat());
          expect(rows.map((row) => row.offset)).toEqual(batches.flat().map((_, i) => 10 + i));
          expect(split.position).toBe(batches.length === 0 ? 0 : base);
        },
      ),
    );
  });

  it('moves the position with every batch of rows', () => {
    const bytes = Buffer.concat([batch(plain('a', 'b', 'c')), batch(plain('d'), { baseOffset: 3 })]);
    // The last call finds nothing more.
    expect(read(bytes, { limit: 2 }).positions).toEqual([2, 4, 4]);
  });

  it('skips records before the offset that was asked for', () => {
    const bytes = Buffer.concat([batch(plain('a', 'b', 'c')), batch(plain('d'), { baseOffset: 3 })]);
    expect(values(read(bytes, { from: 2 }).rows)).toEqual(['c', 'd']);
    expect(values(read(bytes, { from: 3 }).rows)).toEqual(['d']);
  });

  it('ends before its stop, inside and between batches', () => {
    const bytes = Buffer.concat([batch(plain('a', 'b', 'c')), batch(plain('d'), { baseOffset: 3 })]);
    for (const [stop, expected] of [
      [2, ['a', 'b']],
      [3, ['a', 'b', 'c']],
      [4, ['a', 'b', 'c', 'd']],
    ] as const) {
      const { rows, split } = read(bytes, { stop });
      expect(values(rows)).toEqual(expected);
      expect([split.done, split.position]).toEqual([true, stop]);
    }
    expect(read(bytes, { stop: 9 }).split.done).toBe(false);
  });

  it('follows the gaps of compacted topics', () => {
    const gaps = batch(
      [
        { value: 'a', offsetDelta: 1 },
        { value: 'b', offsetDelta: 7 },
      ],
      { baseOffset: 10, lastOffsetDelta: 9 },
    );
    const empty = batch([], { baseOffset: 20, lastOffsetDelta: 9 });
    const { rows, split } = read(Buffer.concat([gaps, empty]));
    expect(rows.map((row) => row.offset)).toEqual([11, 17]);
    expect(split.position).toBe(30);
    // A stop in a gap is reached without a record behind it.
    expect(read(gaps, { stop: 20 }).split.done).toBe(true);
  });

  it('leaves a batch that is cut off at the end for the next fetch', () => {
    const whole = batch(plain('a', 'b'));
    const next = batch(plain('c'), { baseOffset: 2 });
    for (let cut = 0; cut < next.length; cut++) {
      const bytes = Buffer.concat([whole, next.subarray(0, cut)]);
      const { rows, split } = read(bytes);
      expect(values(rows)).toEqual(['a', 'b']);
      expect(split.position).toBe(2);
      expect(offsetAfter(bytes, 0, bytes.length, 0)).toBe(2);
    }
  });

  it('skips transactions that were rolled back and all markers', () => {
    const bytes = Buffer.concat([
      batch(plain('a1'), { baseOffset: 0, producerId: 1, transactional: true }),
      batch(plain('b1'), { baseOffset: 1, producerId: 2, transactional: true }),
      batch(plain('plain'), { baseOffset: 2 }),
      batch([], { baseOffset: 3, producerId: 1, marker: 'abort' }),
      batch(plain('a2'), { baseOffset: 4, producerId: 1, transactional: true }),
      batch([], { baseOffset: 5, producerId: 2, marker: 'commit' }),
      batch(plain('c1'), { baseOffset: 6, producerId: 3, transactional: true }),
      batch([], { baseOffset: 7, producerId: 1, marker: 'commit' }),
      batch([], { baseOffset: 8, producerId: 3, marker: 'abort' }),
    ]);
    const aborted = [
      { producerId: 1, firstOffset: 0 },
      { producerId: 3, firstOffset: 6 },
    ];
    const { rows, split } = read(bytes, { aborted });
    expect(values(rows)).toEqual(['b1', 'plain', 'a2']);
    expect(split.position).toBe(9);
    expect(values(read(bytes).rows)).toEqual(['a1', 'b1', 'plain', 'a2', 'c1']);
  });

  it('reads gzip, snappy as Java and others write it, and lz4', () => {
    const { snappy, lz4 } = compressionsAlgorithms;
    const texts = Array.from({ length: 200 }, (_, i) => `message ${i}`);
    const xerial = (records: Buffer): Buffer => {
      const blocks = [records.subarray(0, 1000), records.subarray(1000)].flatMap((part) => {
        const block = snappy.compressSync(part);
        const length = Buffer.alloc(4);
        length.writeInt32BE(block.length);
        return [length, block];
      });
      return Buffer.concat([Buffer.from('\x82SNAPPY\0\0\0\0\x01\0\0\0\x01', 'latin1'), ...blocks]);
    };
    const all = [
      batch(plain(...texts), { compression: 1 }),
      batch(plain(...texts), { compression: 2, compress: (b) => snappy.compressSync(b) }),
      batch(plain(...texts), { compression: 2, compress: xerial }),
      batch(plain(...texts), { compression: 3, compress: (b) => lz4.compressSync(b) }),
    ];
    for (const bytes of all) expect(values(read(bytes, { limit: 64 }).rows)).toEqual(texts);
  });

  it('reads zstd, or says which Node.js can', () => {
    const { zstd } = compressionsAlgorithms;
    const bytes = batch(plain('a'), { compression: 4, compress: (b) => (zstd.available ? zstd.compressSync(b) : b) });
    if (zstd.available) expect(values(read(bytes).rows)).toEqual(['a']);
    else expect(() => read(bytes)).toThrow(/zstd needs Node.js 22.15/);
  });
});

describe('bytes that are no good batch', () => {
  it('reports every flipped byte behind the checksum', () => {
    const good = batch(plain('hello', 'world'));
    for (let at = 17; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] = bad[at]! ^ 0x10;
      expect(() => read(bad), `byte ${at}`).toThrow(/partition t-0 at offset 0: the checksum/);
    }
  });

  it('does not check where it is told not to, and still never reads beyond a batch', () => {
    const good = batch(plain('hello', 'world'));
    expect(values(read(good, { checkCrc: false }).rows)).toEqual(['hello', 'world']);
    const bad = Buffer.from(good);
    bad[61] = 0x7e;
    expect(() => read(bad, { checkCrc: false })).toThrow(/ends beyond its batch/);
  });

  it('names old message formats', () => {
    expect(() => read(batch(plain('a'), { magic: 1 }))).toThrow(
      /partition t-0 at offset 0 holds messages of the old format v1/,
    );
  });

  it('reports compressed records that cannot be decompressed', () => {
    for (const compression of [1, 2, 3]) {
      const bytes = batch(plain('a'), { compression, compress: () => Buffer.from('rubbish rubbish rubbish') });
      expect(() => read(bytes), `compression ${compression}`).toThrow(
        /partition t-0 at offset 0: records cannot be decompressed/,
      );
    }
    expect(
      values(
        read(batch(plain('a'), { compression: 3, compress: (b) => compressionsAlgorithms.lz4.compressSync(b) })).rows,
      ),
    ).toEqual(['a']);
  });

  it('stands at a record that a decoder refuses', () => {
    const bytes = batch(plain('a', 'b', 'bad', 'c'), { baseOffset: 40 });
    const split = new Split('t', 0, 0, Number.POSITIVE_INFINITY, false);
    const cursor = new RecordCursor({ split, bytes, start: 0, end: bytes.length, aborted: [] }, true);
    const rows = new Collected();
    rows.refuse = 'bad';
    const refused = cursor.read(rows, 100);
    expect(refused).toMatchObject({ offset: 42 });
    expect(values(rows.rows)).toEqual(['a', 'b']);
    expect(split.position).toBe(42);
    if (typeof refused === 'string') throw new Error(refused);
    expect(refused.bytes.toString('utf8', refused.valueStart, refused.valueEnd)).toBe('bad');
  });
});
