import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricDeclarations } from '../../bin/serve/metrics.ts';

const folder = path.resolve(import.meta.dirname, '..', '..', 'examples', 'monitoring');
const promtool = spawnSync('promtool', ['--version']).status === 0;

/** Names of cryptopipe's metrics in a text; histograms by their base name. */
function metricsIn(text: string): string[] {
  const names = [...text.matchAll(/cryptopipe_[a-z_]+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));
  return [...new Set(names)];
}

describe('examples/monitoring', () => {
  it.runIf(promtool)('rules and configuration are accepted, and the rules pass their tests (needs promtool)', () => {
    const run = (...args: string[]) => execFileSync('promtool', args, { cwd: folder, encoding: 'utf8' });
    expect(run('check', 'rules', 'alerts.yml')).toContain('6 rules found');
    expect(run('check', 'config', '--syntax-only', 'prometheus.yml')).toContain('SUCCESS');
    expect(run('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  });

  it('rules and dashboard use metrics that exist', () => {
    const known = new Set(metricDeclarations.map(({ name }) => name));
    for (const file of ['alerts.yml', 'grafana-dashboard.json']) {
      const used = metricsIn(readFileSync(path.join(folder, file), 'utf8'));
      expect(used.length, file).toBeGreaterThan(3);
      expect(
        used.filter((name) => !known.has(name)),
        file,
      ).toEqual([]);
    }
  });
});
