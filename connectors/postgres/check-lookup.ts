import type { ReportOption } from '../../engine/connector/define.ts';

/** The options that a lookup join's cache is made of. */
export interface CacheOptions {
  readonly 'lookup.cache': 'NONE' | 'PARTIAL';
  readonly 'lookup.partial-cache.max-rows': bigint | undefined;
  readonly 'lookup.partial-cache.expire-after-write': number | undefined;
  readonly 'lookup.partial-cache.expire-after-access': number | undefined;
  readonly 'lookup.cache.max-rows': bigint | undefined;
  readonly 'lookup.cache.ttl': number | undefined;
}

/** Reports a cache that would only grow, as Flink does, and options of the old one of which the other is missing. */
export function checkLookup(given: CacheOptions, report: ReportOption): void {
  const bounds = [
    'lookup.partial-cache.max-rows',
    'lookup.partial-cache.expire-after-write',
    'lookup.partial-cache.expire-after-access',
  ] as const;
  const old = ['lookup.cache.max-rows', 'lookup.cache.ttl'] as const;
  const missing = old.filter((key) => given[key] === undefined);
  if (missing.length === 1) {
    report({
      key: old.find((key) => given[key] !== undefined)!,
      code: 'missing-option',
      message: `'lookup.cache.max-rows' and 'lookup.cache.ttl' go together: '${missing[0]}' is missing`,
      help: "give both, or write 'lookup.cache' = 'PARTIAL' with the options 'lookup.partial-cache.…'",
    });
  }
  if (given['lookup.cache'] !== 'PARTIAL' || bounds.some((key) => given[key] !== undefined)) return;
  report({
    key: 'lookup.cache',
    code: 'missing-option',
    message: 'the cache of lookups would only grow: nothing says what leaves it',
    help: `add ${bounds.map((key) => `'${key}'`).join(' or ')}`,
  });
}
