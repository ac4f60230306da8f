import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { freshDatabase, need, produceTo, spawnChild, startKafka, until } from '../servers/index.ts';
import { CREATE_TABLE, fillIn, type PriceRow, readTable, untilReading } from './crypto-prices.ts';
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
        await untilReading(kafka.address, TOPICS, database);
        await produceTo(kafka.address, oddTicks());
        // Flink writes once a second: an answer that stays the same for longer than that is the last one.
        let rows: readonly PriceRow[] = [];
        let same = 0;
        await until(
          'rows that stay the same',
          async () => {
            const before = rows;
            rows = (await readTable(database)).filter((row) => row.symbol !== 'PROBE');
            same = rows.length > 0 && isDeepStrictEqual(rows, before) ? same + 1 : 0;
            return same === 8;
          },
          { timeout: 60_000, every: 500, child: flink, log },
        );
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
