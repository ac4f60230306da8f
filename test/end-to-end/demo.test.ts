import { describe, expect, it } from 'vitest';
import { until } from '../servers/index.ts';
import { setFolder } from './scene.ts';

describe('cryptopipe demo', () => {
  it('shows prices of all three topics, keeps on, and stops on Ctrl-C', { timeout: 120_000 }, async () => {
    const scene = setFolder();
    const bin = scene.start(['demo']);
    const price = (topic: string) => new RegExp(`\\b${topic} [\\d,]+\\.\\d+`);
    const said = () => bin.stdout + bin.stderr;
    await until('prices', () => ['BTC', 'SOL', 'BNB'].every((topic) => price(topic).test(said())), { timeout: 90_000 });
    const before = said().length;
    await until('more prices', () => said().length > before + 100, { timeout: 20_000 });
    expect(await bin.end('SIGINT')).toBe(0);
    expect(said()).toContain('psql postgres://');
    expect(said()).not.toMatch(/\n\s+at .+:\d+/);
  });
});
