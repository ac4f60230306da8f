import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { until } from '../servers/index.ts';
import { setFolder } from './scene.ts';

describe('cryptopipe demo', () => {
  it('shows prices, candles, movers and alerts, keeps on, and stops on Ctrl-C, nothing left behind', {
    timeout: 120_000,
  }, async () => {
    const scene = setFolder();
    const bin = scene.start(['demo']);
    const price = (topic: string) => new RegExp(`\\b${topic} [\\d,]+\\.\\d+`);
    const said = () => bin.stdout + bin.stderr;
    await until('prices', () => ['BTC', 'SOL', 'BNB'].every((topic) => price(topic).test(said())), { timeout: 90_000 });
    // A window that ends after the history began is over at once: candles of all symbols, three movers, a move of 2 %.
    const amount = '[\\d,]+\\.\\d+';
    const window = (text: string) => new RegExp(text.replaceAll('AMOUNT', amount));
    await until('windows', () =>
      [
        window('candles: (\\d\\d:\\d\\d [A-Z]+USDT AMOUNT \\(AMOUNT … AMOUNT\\)(  )?){4}\n'),
        window('top movers of five minutes: \\d\\d:\\d[05] ([A-Z]+USDT [+-]\\d+\\.\\d\\d %(, )?){3}\n'),
        window('alert: \\d\\d:\\d\\d:\\d0 [A-Z]+USDT ([2-9]|\\d\\d)\\.\\d\\d % (up|down) \\(AMOUNT … AMOUNT\\)\n'),
      ].every((line) => line.test(said())),
    );
    const before = said().length;
    await until('more prices', () => said().length > before + 100, { timeout: 20_000 });
    expect(await bin.end('SIGINT')).toBe(0);
    expect(said()).toContain('psql postgres://');
    expect(readdirSync(scene.folder)).toEqual([]);
    expect(said()).not.toMatch(/\n\s+at .+:\d+/);
  });
});
