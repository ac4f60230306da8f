import { expect, it } from 'vitest';
import { need } from '../servers/index.ts';
import { runChaos } from './run-chaos.ts';

// npm run chaos -- --seed N --faults M [--sink kafka] [--only join,leave,kill]
const seed = Number(process.env.CHAOS_SEED ?? 1);
const faults = Number(process.env.CHAOS_FAULTS ?? 60);
const only = process.env.CHAOS_ONLY ?? '';
const sink = process.env.CHAOS_SINK === 'kafka' ? 'kafka' : 'postgres';
const servers = await need('own-kafka', 'own-postgres');

servers.describe(`seed ${seed}, ${faults} faults${only === '' ? '' : ` (${only})`}, into ${sink}`, () => {
  it('loses nothing and writes nothing twice', async () => {
    const { sent, ...result } = await runChaos({
      seed,
      faults,
      only,
      sink,
      say: (text) => process.stdout.write(`${text}\n`),
    });
    process.stdout.write(`${JSON.stringify({ sent, ...result })}\n`);
    const once = { rows: sent, different: sent };
    expect(result).toEqual({
      produced: once,
      appended: once,
      wrongKeys: sink === 'postgres' ? 0 : undefined,
      complaints: [],
    });
  });
});
