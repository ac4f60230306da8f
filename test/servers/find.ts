import { existsSync } from 'node:fs';
import { missingForKafka } from './kafka-jars.ts';
import type { Need } from './need.ts';
import { pgbouncerProgram } from './pgbouncer.ts';
import { postgresFolder } from './postgres.ts';

/** A server's address, or what is missing and what would help. */
export type Found = { readonly address: string } | { readonly missing: string };

/** A server that was found or started, with how to end it. */
interface Running {
  readonly address: string;
  end(): Promise<void>;
}

/** Finds each kind of server once, at the first call, and remembers the answer. `endAll` ends what was started. */
export function createFinder(): { find(need: Need): Promise<Found>; endAll(): Promise<void> } {
  const running: Running[] = [];
  const answers = new Map<Need, Promise<Found>>();
  const start = async (what: string, help: string, from: () => Promise<Running | string>): Promise<Found> => {
    try {
      const server = await from();
      if (typeof server === 'string') return { missing: `no ${what} (${server}: ${help})` };
      running.push(server);
      return { address: server.address };
    } catch (error) {
      return { missing: `no ${what} (${error instanceof Error ? error.message : String(error)})` };
    }
  };
  const find = (need: Need): Promise<Found> => {
    switch (need) {
      case 'kafka':
        return start(
          'Kafka',
          'set CRYPTOPIPE_TEST_KAFKA=host:port, start Docker, or install Java and Maven',
          findKafka,
        );
      case 'postgres':
        return start(
          'PostgreSQL',
          'set CRYPTOPIPE_TEST_POSTGRES=postgres://…, start Docker, or install it',
          findPostgres,
        );
      case 'own-kafka': {
        const missing = missingForKafka();
        return Promise.resolve(
          missing === undefined
            ? { address: '' }
            : { missing: `no Kafka of its own (${missing}: install Java and Maven)` },
        );
      }
      case 'flink':
        return Promise.resolve(
          process.env.FLINK_HOME ? { address: process.env.FLINK_HOME } : { missing: 'no Flink (set FLINK_HOME)' },
        );
      case 'pgbouncer':
        return Promise.resolve(
          pgbouncerProgram() !== undefined
            ? { address: '' }
            : { missing: 'no PgBouncer (install the package pgbouncer)' },
        );
      case 'own-postgres':
        return Promise.resolve(
          postgresFolder() !== undefined
            ? { address: '' }
            : { missing: "no PostgreSQL of its own (install PostgreSQL's server)" },
        );
    }
  };
  return {
    find(need) {
      const known = answers.get(need) ?? find(need);
      answers.set(need, known);
      return known;
    },
    async endAll() {
      await Promise.all(answers.values());
      await Promise.all(running.map((server) => server.end()));
    },
  };
}

async function findKafka(): Promise<Running | string> {
  const given = process.env.CRYPTOPIPE_TEST_KAFKA;
  if (given) return { address: given, end: async () => {} };
  if (mayHaveDocker()) {
    const container = await (await import('./containers.ts')).startKafkaContainer();
    if (container !== undefined) return container;
  }
  const missing = missingForKafka();
  if (missing !== undefined) return missing;
  const { startKafka } = await import('./kafka.ts');
  const kafka = await startKafka({ heap: 512 });
  return { address: kafka.address, end: () => kafka.remove() };
}

async function findPostgres(): Promise<Running | string> {
  const given = process.env.CRYPTOPIPE_TEST_POSTGRES;
  if (given) return { address: given, end: async () => {} };
  if (mayHaveDocker()) {
    const container = await (await import('./containers.ts')).startPostgresContainer();
    if (container !== undefined) return container;
  }
  if (postgresFolder() === undefined) return 'no server programs';
  const { startPostgres } = await import('./postgres.ts');
  const postgres = await startPostgres();
  return { address: postgres.url, end: () => postgres.remove() };
}

/** Docker's client library takes a second to load: looked for only where a daemon could be. */
function mayHaveDocker(): boolean {
  return process.env.DOCKER_HOST !== undefined || existsSync('/var/run/docker.sock');
}
