import { expect, it } from 'vitest';
import { runKills } from '../chaos/run-kills.ts';
import { need } from '../servers/index.ts';
import { setScene } from './scene.ts';

const servers = await need('kafka', 'postgres');

servers.describe('a job with state', () => {
  it('killed three times writes what an undisturbed one writes (npm run kills is the long run)', {
    timeout: 240_000,
  }, async () => {
    const scene = await setScene(servers.postgres);
    const options = { kills: 3, rate: 5000, say: () => {} };
    const { progressed, tables } = await runKills(scene, servers.kafka, scene.database, options);
    expect(progressed).toBe(3);
    for (const { killed, undisturbed, expected } of Object.values(tables)) {
      expect(undisturbed).toEqual(expected);
      expect(killed).toEqual(expected);
    }
  });
});
