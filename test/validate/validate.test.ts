import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { registry } from '../../connectors/index.ts';
import { check } from '../../engine/job.ts';
import { type BinResult, runBin } from '../end-to-end/bin.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-validate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TABLES = `CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'datagen');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'blackhole');
`;
const WARNED = `${TABLES}INSERT INTO s SELECT * FROM t;\n`;

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

function validate(...args: readonly string[]): Promise<BinResult> {
  return runBin(['validate', ...args], { cwd: folder });
}

/** The codes that are told of a text, with their lines. */
function told(text: string): string[] {
  const { diagnostics } = check({ file: 'job.sql', text }, { registry, variables: () => undefined });
  return diagnostics.map(({ code, span }) => `${text.slice(0, span.start).split('\n').length} ${code}`);
}

describe('a comment that allows a code', () => {
  it('is for its own line, or for the next', () => {
    expect(told(WARNED)).toEqual(['3 select-star']);
    expect(told(`${TABLES}INSERT INTO s SELECT * FROM t; -- cryptopipe: allow(select-star)\n`)).toEqual([]);
    expect(told(`${TABLES}INSERT INTO s\n-- cryptopipe: allow(select-star)\nSELECT * FROM t;\n`)).toEqual([]);
    expect(told(`${TABLES}INSERT INTO s /* cryptopipe: allow(select-star) */ SELECT * FROM t;\n`)).toEqual([]);
    expect(told(`${TABLES}INSERT INTO s -- cryptopipe: allow(select-star)\n\nSELECT * FROM t;\n`)).toEqual([
      '5 select-star',
    ]);
  });

  it('is for the whole statement below it, where it stands between two', () => {
    const insert = 'INSERT INTO s\nSELECT *\nFROM t\nWHERE 1 > 2;\n';
    const again = 'INSERT INTO s SELECT * FROM t;\n';
    expect(told(`${TABLES}-- cryptopipe: allow(select-star, never-true)\n${insert}${again}`)).toEqual([
      '8 select-star',
    ]);
  });

  it('allows no error, and is told where it names no code', () => {
    const text = `${TABLES}-- cryptopipe: allow(unknown-column, select-stra)\nINSERT INTO s SELECT aa, b FROM t;\n`;
    expect(told(text)).toEqual(['3 unknown-code', '4 unknown-column']);
  });
});

describe('exit code', () => {
  it('is 0 for warnings, 1 for them with --warnings-as-errors, 1 for errors, 2 for a wrong command line', async () => {
    write('warned.sql', WARNED);
    write('wrong.sql', 'SELECT nope;');
    expect(await validate('warned.sql')).toMatchObject({ code: 0 });
    expect(await validate('--warnings-as-errors', 'warned.sql')).toMatchObject({ code: 1 });
    expect(await validate('wrong.sql')).toMatchObject({ code: 1 });
    const unknown = await validate('--warning-as-errors', 'warned.sql');
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain('(Did you mean --warnings-as-errors?)');
  });

  it('is 1 with --portable for what Flink would reject, and 0 without', async () => {
    write(
      'ours.sql',
      `CREATE TABLE ticks (symbol STRING, price DECIMAL(18, 8)) WITH ('connector' = 'binance', 'symbols' = 'BTCUSDT');
CREATE TABLE p (symbol STRING, price DECIMAL(18, 8)) WITH ('connector' = 'print');
INSERT INTO p SELECT symbol, price FROM ticks;`,
    );
    expect((await validate('ours.sql')).stderr).not.toContain('error[');
    const portable = await validate('--portable', 'ours.sql');
    expect(portable.code).toBe(1);
    expect(portable.stderr).toContain('error[not-portable]');
  });
});

describe('files', () => {
  it('are found by patterns that no shell has read, at any depth', async () => {
    write('jobs/a.sql', WARNED);
    write('jobs/deep/er/b.sql', 'SELECT nope;');
    write('jobs/deep/c.txt', 'SELECT nope;');
    const shallow = await validate('jobs/*.sql');
    expect(shallow.code).toBe(0);
    const deep = await validate('jobs/**/*.sql');
    expect(deep.code).toBe(1);
    expect(deep.stderr).toContain(' --> jobs/deep/er/b.sql:1:8\n');
    expect(deep.stderr).toContain('2 files checked, 2 with findings\n');
  });

  it('that are not there are a wrong command line, a pattern without a match too', async () => {
    for (const name of ['nope.sql', 'nope/*.sql', 'jobs/*.slq']) {
      const { code, stderr } = await validate(name);
      expect(code).toBe(2);
      expect(stderr).toContain(`'${name}'`);
    }
  });

  it('that hold no statement are a mistake', async () => {
    write('empty.sql', '-- later\n');
    expect((await validate('empty.sql')).stderr).toContain('error[empty-job]');
  });
});

describe('--format sarif', () => {
  const schema: object = JSON.parse(readFileSync('test/diagnostics/schemas/sarif-2.1.0.json', 'utf8'));
  const { $schema: _draft, id: _id, ...draft } = schema as { $schema?: string; id?: string };
  const formats = { uri: true, 'uri-reference': true, 'date-time': true } as const;
  const valid = new Ajv({ strict: false, unicodeRegExp: false, formats }).compile(draft);

  interface Log {
    readonly runs: readonly {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly message: { readonly text: string };
        readonly partialFingerprints: { readonly primaryLocationLineHash: string };
        readonly locations: readonly {
          readonly physicalLocation: {
            readonly artifactLocation: { readonly uri: string };
            readonly region: { readonly startLine: number };
          };
        }[];
      }[];
    }[];
  }

  const sarif = async (...files: readonly string[]) => {
    const { stdout } = await validate('--format', 'sarif', ...files);
    const log = JSON.parse(stdout) as Log;
    expect(valid(log), JSON.stringify(valid.errors)).toBe(true);
    return log.runs[0]!;
  };

  it('is what the schema of SARIF 2.1.0 asks for: of files with mistakes, warnings, fixes, and of none', async () => {
    write('many.sql', 'SELECT value, nope FROM t;\nCREATE TABLE u (a INTT) WITH ("connector" = \'x\');\nSELECT 1;');
    write('fine.sql', 'SELECT 1;');
    expect((await sarif('many.sql', 'warned.sql')).results.length).toBeGreaterThan(3);
    expect((await sarif('fine.sql')).results).toEqual([]);
    expect(valid({ version: '2.1.0', runs: [{ tool: {} }] })).toBe(false);
  });

  it('has what code scanning asks for: rule, message, place in the repository, and a fingerprint of its own', async () => {
    write('my jobs/ä.sql', `${TABLES}SELECT aa FROM t;\nSELECT aa FROM t;\nSELECT bb FROM t;\n`);
    const run = await sarif(path.join(folder, 'my jobs/ä.sql'));
    for (const result of run.results) {
      expect(run.tool.driver.rules[result.ruleIndex]!.id).toBe(result.ruleId);
      expect(result.message.text).not.toBe('');
      const [{ physicalLocation }] = result.locations as [(typeof result.locations)[number]];
      expect(physicalLocation.artifactLocation.uri).toBe('my%20jobs/%C3%A4.sql');
    }
    const hashes = run.results.map((each) => each.partialFingerprints.primaryLocationLineHash);
    expect(new Set(hashes).size).toBe(hashes.length);
    write('my jobs/ä.sql', `\n-- moved\n${TABLES}SELECT aa FROM t;\nSELECT aa FROM t;\nSELECT bb FROM t;\n`);
    const moved = await sarif('my jobs/ä.sql');
    expect(moved.results.map((each) => each.partialFingerprints.primaryLocationLineHash)).toEqual(hashes);
  });
});
