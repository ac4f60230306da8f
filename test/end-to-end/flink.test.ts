import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { freshDatabase, need, produceTo, spawnChild, startKafka, until } from '../servers/index.ts';
import { CREATE_TABLE, fillIn, readTable } from './crypto-prices.ts';
import { oddTicks, TOPICS } from './ticks.ts';

const servers = await need('flink', 'own-kafka', 'postgres');

servers.describe('Apache Flink runs jobs/crypto_prices.sql as rendered', () => {
  it('and answers what flink-answer.json says', { timeout: 180_000 }, async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'cryptopipe-flink-'));
    const [kafka, database] = await Promise.all([startKafka(), freshDatabase(servers.postgres)]);
    try {
      await database.query(CREATE_TABLE);
      const job = path.join(dir, 'job.sql');
      const first = path.join(dir, 'first.sql');
      const log = path.join(dir, 'flink.log');
      writeFileSync(job, fillIn(readFileSync('jobs/crypto_prices.sql', 'utf8'), { kafka: kafka.address, database }));
      // Everything in the client's own process, which then waits for the end of the job.
      writeFileSync(first, "SET 'execution.target' = 'local';\nSET 'table.dml-sync' = 'true';\n");
      const env = { ...process.env, FLINK_HOME: servers.flink, FLINK_LOG_DIR: dir };
      const flink = await spawnChild(path.join(servers.flink, 'bin/sql-client.sh'), ['-i', first, '-f', job], {
        env,
        log,
      });
      try {
        // The job starts at the end of the topics: once a probe of each topic has arrived, it reads what follows.
        await until(
          'the probes in the table',
          async () => {
            await produceTo(
              kafka.address,
              TOPICS.map((topic) => ({ topic, key: 'PROBE', value: probe('PROBE') })),
            );
            return (await readTable(database)).length === TOPICS.length;
          },
          { timeout: 90_000, every: 500, child: flink, log },
        );
        await database.query('DELETE FROM machine.crypto_prices');
        await produceTo(kafka.address, [
          ...oddTicks(),
          ...TOPICS.map((topic) => ({ topic, key: 'LAST', value: probe('LAST') })),
        ]);
        await until(
          'the last rows',
          async () => (await readTable(database)).filter((r) => r.symbol === 'LAST').length === 3,
          {
            timeout: 60_000,
            every: 500,
            child: flink,
            log,
          },
        );
        const rows = (await readTable(database)).filter((row) => row.symbol !== 'LAST' && row.symbol !== 'PROBE');
        await expect(`${JSON.stringify(rows, undefined, 2)}\n`).toMatchFileSnapshot('flink-answer.json');
      } finally {
        await flink.end('SIGKILL');
      }
    } finally {
      await Promise.all([kafka.remove(), database.drop()]);
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

function probe(symbol: string): string {
  return JSON.stringify({ symbol, price: 1, event_time_ms: 1_700_000_000_000 });
}
