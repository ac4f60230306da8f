import type { Scalar } from '../../engine/types/data-type.ts';

export interface CacheSettings {
  /** Keys; the ones used longest ago go first. */
  readonly maxRows: number;
  /** Milliseconds; Infinity: never. */
  readonly expireAfterWrite: number;
  readonly expireAfterAccess: number;
  /** Whether that a key has no rows is remembered too. */
  readonly missing: boolean;
}

export type FoundRows = readonly (readonly Scalar[])[];

interface Entry {
  readonly rows: FoundRows;
  readonly written: number;
  used: number;
}

/** What was looked up, by key; times are milliseconds since 1970. */
export class LookupCache {
  readonly #settings: CacheSettings;
  /** The one used longest ago first. */
  readonly #entries = new Map<string, Entry>();

  constructor(settings: CacheSettings) {
    this.#settings = settings;
  }

  get(key: string, now: number): FoundRows | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    const { expireAfterWrite, expireAfterAccess } = this.#settings;
    if (now - entry.written >= expireAfterWrite || now - entry.used >= expireAfterAccess) return undefined;
    entry.used = now;
    this.#entries.set(key, entry);
    return entry.rows;
  }

  put(key: string, rows: FoundRows, now: number): void {
    if (rows.length === 0 && !this.#settings.missing) return;
    this.#entries.delete(key);
    this.#entries.set(key, { rows, written: now, used: now });
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.#settings.maxRows) break;
      this.#entries.delete(oldest);
    }
  }
}
