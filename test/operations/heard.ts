import { expect } from 'vitest';
import type { RunningBin } from '../end-to-end/bin.ts';
import { until } from '../servers/index.ts';

/** Everything that the runs of a test logged and exposed. */
export class Heard {
  readonly events = new Set<string>();
  /** Metrics with a sample other than 0. */
  readonly metrics = new Set<string>();

  /** Takes the log of a run, one JSON object a line. */
  log(text: string): void {
    for (const [, event] of text.matchAll(/"event":"([a-z_]+)"\}$/gm)) this.events.add(event!);
  }

  /** Takes what `/metrics` answers. */
  async scrape(url: string): Promise<void> {
    const text = await (await fetch(`${url}/metrics`)).text();
    for (const [, name, value] of text.matchAll(/^(cryptopipe_\w+?)(?:_bucket|_sum|_count)?\{.*\} (\S+)$/gm)) {
      if (Number(value) !== 0) this.metrics.add(name!);
    }
  }
}

/** Waits until a run has logged events, all of them; fails with its log. */
export async function untilLogged(bin: RunningBin, ...events: readonly string[]): Promise<void> {
  const missing = () => events.filter((event) => !bin.stderr.includes(`"event":"${event}"`));
  await until('events', () => missing().length === 0, { timeout: 40_000 }).catch(() => undefined);
  expect(missing(), bin.stderr.slice(-20_000)).toEqual([]);
}

/** Where a run serves, once it does. */
export async function servedUrl(bin: RunningBin): Promise<string> {
  await untilLogged(bin, 'serving');
  return /"url":"([^"]+)","event":"serving"/.exec(bin.stderr)![1]!;
}
