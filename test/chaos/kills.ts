import { expect, it } from 'vitest';
import { setScene } from '../end-to-end/scene.ts';
import { need } from '../servers/index.ts';
import { candlesCase } from './candles-case.ts';
import { joinCase } from './join-case.ts';
import { spilled } from './kill-case.ts';
import { runKills } from './run-kills.ts';

// npm run kills: KILLS (20) times kill -9 at RATE (20 000) messages a second. `npm run kills -- -t join` runs one of them.
const kills = Number(process.env.KILLS ?? 20);
const rate = Number(process.env.RATE ?? 20_000);
const servers = await need('kafka', 'postgres');

servers.describe(`kill -9 ${kills} times at ${rate} messages a second`, () => {
  it.each([
    ['candles and totals', candlesCase],
    ['a two-way join', joinCase],
    ['a two-way join with little room', spilled(joinCase, '1 mb')],
  ])('%s leave the tables of an undisturbed run', async (name, killed) => {
    const scene = await setScene(servers.postgres);
    const say = (text: string) => process.stdout.write(`${text}\n`);
    const began = performance.now();
    const options = { kills, rate, say };
    const { sent, progressed, tables } = await runKills(scene, servers.kafka, scene.database, killed, options);
    const seconds = Math.round((performance.now() - began) / 1000);
    const rows = Object.entries(tables).map(([table, { killed }]) => `${table} ${killed.length}`);
    say(`${name}: ${sent} sent, ${seconds} s, rows: ${rows.join(', ')}`);
    expect(progressed).toBe(kills);
    for (const { killed, undisturbed, expected } of Object.values(tables)) {
      // Not toEqual: to tell the difference of a million rows takes minutes.
      expect(undisturbed.length).toBe(expected.length);
      expect(killed.length).toBe(expected.length);
      expect(firstDifference(undisturbed, expected)).toBeUndefined();
      expect(firstDifference(killed, expected)).toBeUndefined();
    }
  });
});

function firstDifference(found: readonly string[], expected: readonly string[]): string | undefined {
  const at = found.findIndex((row, i) => row !== expected[i]);
  return at < 0 ? undefined : `row ${at}: ${found[at]} where ${expected[at]} is expected`;
}
