import type { Random } from './random.ts';

/** A table of a scene: its columns as SQL has them, and rows as JSON objects, a line each. */
export interface SceneTable {
  readonly name: string;
  readonly columns: string;
  readonly rows: readonly string[];
}

const start = Date.UTC(2024, 0, 1, 10);

/** Seconds after ten o'clock as text of a TIMESTAMP(3). */
function time(seconds: number): string {
  return new Date(start + seconds * 1000).toISOString().slice(0, 23).replace('T', ' ');
}

const columns = 'id INT, k STRING, g INT, v INT, d DECIMAL(10, 2), f DOUBLE, s STRING, ts TIMESTAMP(3)';

/**
 * Tables of one shape: rows of `t` and `u` come at most 9 s late, which their watermark allows; some of `l` come later
 * than that. `r` has versions by `k`. Numbers are exact in binary, so that sums do not depend on their order.
 */
export function scene(random: Random): SceneTable[] {
  return [
    table(random, 't', `${columns}, WATERMARK FOR ts AS ts - INTERVAL '10' SECOND`, 9),
    table(random, 'u', `${columns}, WATERMARK FOR ts AS ts - INTERVAL '10' SECOND`, 9),
    table(random, 'l', `${columns}, WATERMARK FOR ts AS ts - INTERVAL '3' SECOND`, 14),
    table(random, 'r', `${columns}, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND, PRIMARY KEY (k) NOT ENFORCED`, 4),
  ];
}

function table(random: Random, name: string, shape: string, disorder: number): SceneTable {
  const count = random.once(12) ? 0 : 4 + random.below(22);
  let clock = 0;
  const rows: string[] = [];
  for (let id = 0; id < count; id++) {
    clock += random.once(7) ? 20 + random.below(40) : random.below(6);
    const back = random.once(3) ? random.below(disorder + 1) : 0;
    const row: Record<string, unknown> = { id };
    // The keys of versions are never NULL.
    if (name === 'r' || !random.once(6)) row.k = random.pick(['a', 'b', 'c', 'd']);
    if (!random.once(8)) row.g = random.below(4);
    if (!random.once(6)) row.v = random.below(14) - 4;
    if (!random.once(6)) row.d = (random.below(4000) / 100 - 5).toFixed(2);
    if (!random.once(6)) row.f = random.below(100) / 8 - 2;
    if (!random.once(6)) row.s = random.pick(['x', 'y', 'z', 'xy', '']);
    row.ts = time(Math.max(0, clock - back));
    rows.push(JSON.stringify(row));
  }
  return { name, columns: shape, rows };
}
