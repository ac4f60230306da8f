import { expect, test } from 'vitest';
import { batchOf } from '../../../engine/types/batch.ts';
import { type } from '../../../engine/types/data-type.ts';
import { bind, sinkOf } from '../table-harness.ts';

test('rows are counted until the commit and kept nowhere', async () => {
  const sink = sinkOf({ columns: { a: type.int() }, options: { connector: 'blackhole' } });
  await sink.open();
  sink.write(batchOf([type.int()], [[1], [2]]));
  sink.write(batchOf([type.int()], [[3]]));
  expect(sink.pending).toBe(3);
  await sink.commit({ positions: new Map() });
  expect(sink.pending).toBe(0);
  expect(sink.durable).toBe(false);
  await sink.close();
});

test('it has no options', () => {
  const { messages } = bind({ columns: { a: type.int() }, options: { connector: 'blackhole', path: 'x' } }, 'sink');
  expect(messages).toEqual(["connector 'blackhole' has no option 'path'"]);
});
