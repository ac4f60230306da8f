import { describe, inject } from 'vitest';
import type { Found } from './find.ts';

/** What a test file can ask for. */
export type Need = 'kafka' | 'postgres' | 'own-kafka' | 'own-postgres' | 'pgbouncer' | 'flink';

export interface Servers {
  /** `host:port`; empty where it was not asked for or not found. */
  readonly kafka: string;
  /** `postgres://user:password@host:port/database` of a user that may create databases; empty as above. */
  readonly postgres: string;
  /** Folder of an assembled Apache Flink 2.2; empty as above. */
  readonly flink: string;
  /** vitest's `describe`, skipping where something is missing. */
  describe(name: string, tests: () => void): void;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Where this run's servers are asked for. */
    servers: string;
  }
  interface TaskMeta {
    /** Why the suite was skipped: the servers that are missing, each with what would help. */
    missingServers?: readonly string[];
  }
}

/** Finds, and where needed starts, the servers of a test file. Call it at the top of the file, outside of any test. */
export async function need(...needs: readonly Need[]): Promise<Servers> {
  const found = new Map(await Promise.all(needs.map(async (what) => [what, await ask(what)] as const)));
  const missing = [...found.values()].flatMap((f) => ('missing' in f ? [f.missing] : []));
  // Flink is only ever asked again by who has it: its recorded answers are what the other tests hold on to.
  const required = [...found].flatMap(([what, f]) => (what !== 'flink' && 'missing' in f ? [f.missing] : []));
  if (required.length > 0 && process.env.CRYPTOPIPE_TEST_REQUIRE_SERVERS === '1') {
    throw new Error(`CRYPTOPIPE_TEST_REQUIRE_SERVERS is set, but there is ${required.join(' and ')}`);
  }
  const address = (what: Need): string => {
    const f = found.get(what);
    return f !== undefined && 'address' in f ? f.address : '';
  };
  return {
    kafka: address('kafka'),
    postgres: address('postgres'),
    flink: address('flink'),
    describe(name, tests) {
      if (missing.length === 0) describe(name, tests);
      else describe.skip(name, { meta: { missingServers: missing } }, tests);
    },
  };
}

async function ask(what: Need): Promise<Found> {
  return (await (await fetch(`${inject('servers')}/${what}`)).json()) as Found;
}
