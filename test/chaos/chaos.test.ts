import { expect, it } from 'vitest';
import { need } from '../servers/index.ts';
import { faultPlan } from './fault-plan.ts';
import { runChaos } from './run-chaos.ts';

const servers = await need('own-kafka', 'own-postgres');

it('plans the same faults for the same seed, and others for another', () => {
  expect(faultPlan(7, 60, 3000)).toEqual(faultPlan(7, 60, 3000));
  expect(faultPlan(7, 60, 3000)).not.toEqual(faultPlan(8, 60, 3000));
  expect(new Set(faultPlan(7, 13, 3000).map((fault) => fault.kind)).size).toBe(10);
});

servers.describe('a few faults (npm run chaos is the long run)', () => {
  it('lose nothing and write nothing twice', { timeout: 240_000 }, async () => {
    const { sent, ...result } = await runChaos({ seed: 3, faults: 6, sink: 'postgres', say: () => {} });
    const once = { rows: sent, different: sent };
    expect(result).toEqual({ produced: once, appended: once, wrongKeys: 0, complaints: [] });
  });
});
