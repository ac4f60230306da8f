import type { SceneTable } from './scene.ts';

/** Tables with as few rows as `holds` allows: parts of their rows are left out, halves at first, single rows at last. */
export async function shrink(
  tables: readonly SceneTable[],
  holds: (tables: readonly SceneTable[]) => Promise<boolean>,
): Promise<readonly SceneTable[]> {
  let least = tables;
  for (let part = Math.max(...tables.map(({ rows }) => rows.length)); part >= 1; part = Math.floor(part / 2)) {
    for (const { name } of tables) {
      for (let at = 0; at < rowsOf(least, name).length; ) {
        const rows = rowsOf(least, name).filter((_, i) => i < at || i >= at + part);
        const fewer = least.map((table) => (table.name === name ? { ...table, rows } : table));
        if (await holds(fewer)) least = fewer;
        else at += part;
      }
    }
  }
  return least;
}

function rowsOf(tables: readonly SceneTable[], name: string): SceneTable['rows'] {
  return tables.find((table) => table.name === name)!.rows;
}
