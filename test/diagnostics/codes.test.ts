import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { codes } from '../../engine/diagnostics/codes.ts';
import { renderDiagnostics } from '../../engine/diagnostics/render.ts';
import { check } from '../../engine/job.ts';

const folder = new URL('testdata/', import.meta.url);

/** Told by commands that ask servers or read the configuration: the file that each has in a golden, and its test. */
const elsewhere: Readonly<Record<string, string>> = {
  unreachable: 'test/end-to-end/validate-connect.txt',
  'missing-target': 'test/end-to-end/validate-connect.txt',
  'unfit-target': 'test/end-to-end/validate-connect.txt',
  'config-syntax': 'test/config/testdata/config-syntax.txt',
  'config-key': 'test/config/testdata/config-key.txt',
  'config-value': 'test/config/testdata/config-value.txt',
};

/** A code that no phase reports yet needs no golden before one does. */
const sources = ['engine', 'connectors']
  .flatMap((name) => readdirSync(name, { recursive: true, encoding: 'utf8' }).map((file) => `${name}/${file}`))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('/codes.ts'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('');

/** `-- codes: slug` begins each case of the file; the SQL follows up to the next. */
const cases = new Map(
  readFileSync(new URL('codes.sql', folder), 'utf8')
    .split(/^-- codes: /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end).trim(), part.slice(end + 1).trimEnd()] as const;
    }),
);

/** `npx vitest run test/diagnostics --update` accepts what comes out; read the diff before you commit it. */
describe('every diagnostic code', () => {
  it.each(Object.keys(codes).filter((code) => !Object.hasOwn(elsewhere, code) && sources.includes(`'${code}'`)))(
    '%s has a golden',
    async (code) => {
      const text = cases.get(code);
      expect(text, `no case '${code}' in testdata/codes.sql`).toBeDefined();
      const job = { file: 'job.sql', text: text! };
      const environment = { registry, variables: () => undefined, portable: code === 'not-portable' };
      const { diagnostics } = check(job, environment);
      expect(new Set(diagnostics.map((d) => d.code))).toEqual(new Set([code]));
      await expect(renderDiagnostics([{ ...job, diagnostics }], 'text')).toMatchFileSnapshot(
        new URL(`${code}.txt`, folder).pathname,
      );
    },
  );

  it.each(Object.entries(elsewhere))('%s has a golden in %s', (code, file) => {
    expect(readFileSync(file, 'utf8')).toMatch(
      new RegExp(`^(error|warning)\\[${code}\\]: .+\n *--> .+:\\d+:\\d+$`, 'm'),
    );
    expect(cases.has(code)).toBe(false);
  });

  it('of the file is one that exists', () => {
    expect([...cases.keys()].filter((code) => !Object.hasOwn(codes, code))).toEqual([]);
  });
});
