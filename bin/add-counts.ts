/** Counts of several parts added up by name. */
export function addCounts(parts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const [name, n] of parts.flatMap((part) => [...part])) total.set(name, (total.get(name) ?? 0) + n);
  return total;
}
