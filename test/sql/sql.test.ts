import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { json } from '../../connectors/formats/json.ts';
import { registry as all } from '../../connectors/index.ts';
import { memory } from '../../connectors/memory/memory.ts';
import type { Registry } from '../../engine/connector/bind.ts';
import type { Format } from '../../engine/connector/format.ts';
import { runTestFile } from '../../engine/testing/run-test-file.ts';

/** Only what the files use: their answers shall not change with every new connector. */
const registry: Registry = { connectors: [], formats: [json] as readonly Format[] };

const root = path.join(import.meta.dirname, '..', '..');
const folders = ['test/sql', 'test/plans', 'jobs', 'examples'].map((folder) => path.join(root, folder));
const files = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.slt'))
    .sort()
    .map((name) => path.join(folder, name)),
);

/** `npx vitest run test/sql --update` accepts what comes out; read the diff before you commit it. */
describe('SQL test files', () => {
  it.each(files.map((file) => [path.relative(root, file), file]))('%s', async (_, file) => {
    const text = readFileSync(file, 'utf8');
    const read = (job: string) => readFileSync(path.join(path.dirname(file), job), 'utf8');
    const ofJob = file.endsWith('.test.slt');
    const { results, rewritten } = await runTestFile(text, { registry: ofJob ? all : registry, memory, read });
    expect(results.length).toBeGreaterThan(0);
    const wrong = results.filter(({ block }) => block.kind === 'job' || block.argument === 'ok');
    expect(wrong.map(({ block, actual }) => `line ${block.line}: ${block.kind} ${block.argument}\n${actual}`)).toEqual(
      [],
    );
    await expect(rewritten).toMatchFileSnapshot(file);
  });
});
