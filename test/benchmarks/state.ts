import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { RunningBin } from '../end-to-end/bin.ts';
import { setScene } from '../end-to-end/scene.ts';
import { need } from '../servers/index.ts';

// STATE_KEYS=… npm run benchmark -- state: memory of a GROUP BY over so many keys, and how long it takes to start again.
// STATE_MEMORY='100 mb': the rest of the state moves to disk.
const keys = Number(process.env.STATE_KEYS ?? 10_000_000);
const stateMemory = process.env.STATE_MEMORY;
const servers = await need('postgres');

servers.describe(`GROUP BY over ${keys} keys`, () => {
  it('remembers them over a restart', { timeout: 900_000 }, async () => {
    const scene = await setScene(servers.postgres);
    const { database } = scene;
    await database.query('CREATE TABLE seldom (k BIGINT PRIMARY KEY, n BIGINT, total BIGINT)');
    const job = (rows: number) => `
SET 'pipeline.name' = 'state';
${stateMemory === undefined ? '' : `SET 'cryptopipe.state.memory' = '${stateMemory}';`}
CREATE TABLE given (k BIGINT, v BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '1000000000', 'seed' = '1',
  'number-of-rows' = '${rows}', 'fields.k.kind' = 'sequence', 'fields.k.start' = '1', 'fields.k.end' = '${rows}',
  'fields.v.min' = '1', 'fields.v.max' = '1000');
CREATE TABLE seldom (k BIGINT, n BIGINT, total BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH (
  'connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'table-name' = 'seldom',
  'username' = '${database.user}', 'password' = '${database.password}');
INSERT INTO seldom SELECT MOD(k, ${keys}), COUNT(*), SUM(v) FROM given GROUP BY MOD(k, ${keys}) HAVING COUNT(*) > 1;`;
    const first = await measure(scene.start(['run', scene.write('job.sql', job(keys))]));
    const folder = path.join(scene.folder, '.cryptopipe', 'checkpoints', 'state', 'seldom.json.state');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => [
      name,
      Math.round(statSync(path.join(folder, name)).size / 1e6),
    ]);
    // 1000 rows more, each of a key that is remembered.
    const again = await measure(scene.start(['run', scene.write('job.sql', job(keys + 1000))]));
    process.stdout.write(
      `${JSON.stringify({ keys, stateMemory, first, megabytesOnDisk: Object.fromEntries(files), again })}\n`,
    );
    const [found] = await database.query('SELECT count(*)::int AS rows, min(n)::int AS n FROM seldom');
    expect(found).toEqual({ rows: 1000, n: 2 });
  });
});

/**
 * Seconds until it ends by itself, of processor time too, and the most memory it had, in MB: all that is resident, and
 * without pages of files, which the system takes back when it needs them.
 */
async function measure(
  bin: RunningBin,
): Promise<{ seconds: number; cpuSeconds: number; memory: number; ownMemory: number }> {
  const began = performance.now();
  let memory = 0;
  let own = 0;
  let cpu = 0;
  const timer = setInterval(() => {
    try {
      memory = Math.max(memory, bin.memory() || 0);
      own = Math.max(own, bin.ownMemory() || 0);
      cpu = bin.cpu();
    } catch {
      // It ended between two looks.
      clearInterval(timer);
    }
  }, 100);
  const code = await bin.exited;
  clearInterval(timer);
  if (code !== 0) throw new Error(`ended with ${code}\n${bin.stderr}`);
  const round = (seconds: number) => Math.round(seconds * 10) / 10;
  return {
    seconds: round((performance.now() - began) / 1000),
    cpuSeconds: round(cpu / 1000),
    memory: Math.round(memory),
    ownMemory: Math.round(own),
  };
}
