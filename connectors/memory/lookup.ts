import type { Lookup } from '../../engine/connector/lookup.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import { rowsOf } from '../../engine/types/batch.ts';
import type { Scalar } from '../../engine/types/data-type.ts';
import { textOf } from '../../engine/types/text.ts';
import type { GivenBatch } from './memory.ts';

/** Finds rows of a table in memory; `read` gives all of them with the columns that are named. */
export function memoryLookup(
  table: TableShape,
  keys: readonly number[],
  wanted: readonly number[],
  read: (columns: readonly number[]) => readonly GivenBatch[],
): Lookup {
  const types = [...keys, ...wanted].map((i) => table.columns[i]!.type);
  const keyText = (values: readonly Scalar[]) => JSON.stringify(keys.map((_, i) => textOf(types[i]!, values[i]!)));
  const found = new Map<string, Scalar[][]>();
  for (const { rows } of read([...keys, ...wanted])) {
    for (const row of rowsOf(types, rows)) {
      if (keys.some((_, i) => row[i] === null)) continue;
      const text = keyText(row);
      const others = found.get(text);
      if (others === undefined) found.set(text, [row.slice(keys.length)]);
      else others.push(row.slice(keys.length));
    }
  }
  return {
    find: async (asked) => asked.map((key) => found.get(keyText(key)) ?? []),
    close: async () => undefined,
  };
}
