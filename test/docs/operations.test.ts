import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { metricDeclarations } from '../../bin/serve/metrics.ts';
import { documentedEvents, documentedMetrics } from './vocabulary.ts';

test('every metric is documented as it is declared, and no other', () => {
  expect(documentedMetrics()).toEqual(
    metricDeclarations.map(({ name, labels, help }) => `| \`${name}\` | ${labels.join(', ')} | ${help} |`),
  );
});

test('every event that the code logs is documented, and no other', () => {
  const logged = ['bin', 'connectors', 'engine'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) =>
        [
          ...readFileSync(path.join(folder, name), 'utf8').matchAll(/log\.(?:debug|info|warn|error)\(\s*'([a-z_]+)'/g),
        ].map(([, event]) => event!),
      ),
  );
  expect(documentedEvents().toSorted()).toEqual([...new Set(logged)].toSorted());
});
