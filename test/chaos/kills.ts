import { expect, it } from 'vitest';
import { setScene } from '../end-to-end/scene.ts';
import { need } from '../servers/index.ts';
import { runKills } from './run-kills.ts';

// npm run kills: KILLS (20) times kill -9 at RATE (20 000) trades a second.
const kills = Number(process.env.KILLS ?? 20);
const rate = Number(process.env.RATE ?? 20_000);
const servers = await need('kafka', 'postgres');

servers.describe(`kill -9 ${kills} times at ${rate} trades a second`, () => {
  it('leaves the tables of an undisturbed run', async () => {
    const scene = await setScene(servers.postgres);
    const say = (text: string) => process.stdout.write(`${text}\n`);
    const began = performance.now();
    const { sent, progressed, tables } = await runKills(scene, servers.kafka, scene.database, { kills, rate, say });
    say(
      JSON.stringify({
        sent,
        seconds: Math.round((performance.now() - began) / 1000),
        candles: tables.candles.killed.length,
      }),
    );
    expect(progressed).toBe(kills);
    for (const { killed, undisturbed, expected } of Object.values(tables)) {
      expect(undisturbed).toEqual(expected);
      expect(killed).toEqual(expected);
    }
  });
});
