/** Counts of several parts added up by name. */
export function addCounts(parts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const [name, n] of parts.flatMap((part) => [...part])) total.set(name, (total.get(name) ?? 0) + n);
  return total;
}

/** The same by table. */
export function addTables(
  parts: readonly ReadonlyMap<string, ReadonlyMap<string, number>>[],
): Map<string, Map<string, number>> {
  const tables = new Set(parts.flatMap((part) => [...part.keys()]));
  return new Map([...tables].map((table) => [table, addCounts(parts.flatMap((part) => part.get(table) ?? []))]));
}
