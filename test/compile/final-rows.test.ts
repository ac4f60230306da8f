import { expect, it } from 'vitest';
import { FinalRows } from '../../engine/compile/final-rows.ts';
import { evaluateExpression } from '../../engine/testing/evaluate.ts';
import { batchOf, RowKind } from '../../engine/types/batch.ts';
import { type } from '../../engine/types/data-type.ts';

it('keeps what a changelog leaves, equal rows as often as they are there', () => {
  const types = [type.string(), type.bigint()];
  const final = new FinalRows(types);
  final.take(
    batchOf(types, [
      ['a', 1n],
      ['b', 1n],
      ['b', 1n],
      [null, 2n],
    ]),
  );
  const { insert, updateBefore, updateAfter, delete: gone } = RowKind;
  const changes = batchOf(types, [
    ['a', 1n],
    ['a', 2n],
    ['b', 1n],
    ['c', 1n],
  ]);
  final.take({ ...changes, kinds: Uint8Array.of(updateBefore, updateAfter, gone, insert) });
  expect(final.rows().sort()).toEqual([
    [null, 2n],
    ['a', 2n],
    ['b', 1n],
    ['c', 1n],
  ]);
});

it('answers a query of constant rows that aggregates them with its last row', () => {
  expect(evaluateExpression('SUM(a) FROM (VALUES (1), (2), (6)) AS t (a)')).toEqual({ type: 'INT', value: '9' });
});
