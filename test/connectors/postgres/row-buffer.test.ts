import { describe, expect, it } from 'vitest';
import { RowBuffer } from '../../../connectors/postgres/row-buffer.ts';
import { batchOf, type RowBatch, valueAt } from '../../../engine/types/batch.ts';
import { type } from '../../../engine/types/data-type.ts';

describe('the buffer of rows', () => {
  const types = [type.string(), type.double(), type.string()];
  const contents = (buffer: RowBuffer) => {
    const { written, deleted } = buffer.partition();
    const row = (slot: number) => types.map((t, c) => valueAt(t, buffer.columns[c]!, slot));
    return { written: [...written].map(row), deleted: [...deleted].map((slot) => row(slot)[0]) };
  };
  const kinds = (batch: RowBatch, ...kind: number[]): RowBatch => ({ ...batch, kinds: Uint8Array.from(kind) });

  it('keeps the last row of each key, NULLs included, over batches', () => {
    const buffer = new RowBuffer(types, [0]);
    buffer.add(
      batchOf(types, [
        ['a', 1, 'x'],
        ['b', null, 'y'],
        ['a', 2, null],
      ]),
      undefined,
    );
    buffer.add(
      batchOf(types, [
        ['b', 3, 'z'],
        ['c', 4, null],
        ['a', null, 'w'],
      ]),
      undefined,
    );
    expect(buffer.count).toBe(3);
    expect(contents(buffer).written).toEqual([
      ['a', null, 'w'],
      ['b', 3, 'z'],
      ['c', 4, null],
    ]);
    buffer.clear();
    buffer.add(batchOf(types, [['b', 5, 'v']]), undefined);
    expect(contents(buffer).written).toEqual([['b', 5, 'v']]);
  });

  it('keeps all rows in order without a key', () => {
    const buffer = new RowBuffer(types, []);
    const rows = [
      ['a', 1, 'x'],
      ['a', 1, 'x'],
      ['b', null, null],
    ] as const;
    buffer.add(batchOf(types, rows), Uint8Array.of(0, 1, 0));
    buffer.add(batchOf(types, rows), undefined);
    expect(contents(buffer).written).toEqual([rows[0], rows[2], ...rows]);
  });

  it('deletes what was deleted last and writes what came back', () => {
    const buffer = new RowBuffer(types, [0]);
    const rows = batchOf(types, [
      ['a', 1, 'x'],
      ['b', 1, 'x'],
      ['a', null, null],
      ['c', 1, 'x'],
      ['c', 1, 'x'],
    ]);
    buffer.add(kinds(rows, 0, 0, 3, 3, 0), undefined);
    expect(contents(buffer)).toEqual({
      written: [
        ['b', 1, 'x'],
        ['c', 1, 'x'],
      ],
      deleted: ['a'],
    });
    buffer.add(batchOf(types, [['a', 2, 'y']]), undefined);
    expect(contents(buffer)).toEqual({
      written: [
        ['a', 2, 'y'],
        ['b', 1, 'x'],
        ['c', 1, 'x'],
      ],
      deleted: [],
    });
  });
});
