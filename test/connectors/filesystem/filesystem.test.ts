import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunError } from '../../../engine/connector/errors.ts';
import type { Rejection } from '../../../engine/connector/rejection.ts';
import { batchOf, rowsOf } from '../../../engine/types/batch.ts';
import { type } from '../../../engine/types/data-type.ts';
import { keepRejected } from '../rejects-nothing.ts';
import { bind, readAll, sinkOf, sourceOf, writeAll } from '../table-harness.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'files-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const columns = { id: type.int(), s: type.string() };
const types = Object.values(columns);
const table = (options: Record<string, string> = {}) => ({
  columns,
  options: { connector: 'filesystem', path: dir, format: 'json', ...options },
});

function file(name: string, text: string): string {
  const full = path.join(dir, name);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

describe('reading', () => {
  test('lines end with LF or CRLF, the last one with nothing', async () => {
    const one = file('t.jsonl', '{"id":1,"s":"a"}\r\n{"id":2,"s":"b"}\n{"id":3,"s":"c"}');
    const expected = [
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ];
    expect(await readAll(sourceOf(table({ path: one })), types)).toEqual(expected);
    expect(await readAll(sourceOf(table({ path: pathToFileURL(one).href })), types)).toEqual(expected);
  });

  test('a folder with its folders, in the order of names, without hidden files', async () => {
    file('b.jsonl', '{"id":3}\n');
    file('a/2.jsonl', '{"id":2}\n');
    file('a/1.jsonl', '{"id":1}\n');
    file('.hidden', 'oops');
    file('_SUCCESS', '');
    file('_tmp/x', 'oops');
    expect((await readAll(sourceOf(table()), types)).map((row) => row[0])).toEqual([1, 2, 3]);
    const some = sourceOf(table({ 'source.path.regex-pattern': '.*/a/.*' }));
    expect((await readAll(some, types)).map((row) => row[0])).toEqual([1, 2]);
  });

  test('an empty file, an empty folder, a line longer than any buffer', async () => {
    expect(await readAll(sourceOf(table()), types)).toEqual([]);
    file('empty', '');
    file('long', `{"id":1,"s":"${'x'.repeat(3_000_000)}"}\n{"id":2}\n`);
    const rows = await readAll(sourceOf(table()), types);
    expect(rows.map((row) => row[0])).toEqual([1, 2]);
    expect((rows[0]![1] as string).length).toBe(3_000_000);
  });

  test('positions are byte offsets of whole lines', async () => {
    const line = (id: number) => `{"id":${String(id).padStart(6, '0').replace(/^0+/, '1')},"s":"é"}\n`;
    const lines = Array.from({ length: 60_000 }, (_, i) => line(100_000 + i));
    const full = file('t', lines.join(''));
    const source = sourceOf(table());
    await source.open(async () => new Map());
    const batch = await source.poll(new AbortController().signal);
    const read = rowsOf(types, batch!).length;
    const offset = Number(source.positions().get(full));
    await source.close();
    expect(read).toBeLessThan(lines.length);
    expect(offset).toBe(Buffer.byteLength(lines.slice(0, read).join('')));
    const rest = await readAll(sourceOf(table()), types, new Map([[full, String(offset)]]));
    expect(rest).toHaveLength(lines.length - read);
  });

  test('what was read to its end is not read again', async () => {
    const full = file('t', '{"id":1}\n');
    const source = sourceOf(table());
    expect(await readAll(source, types)).toHaveLength(1);
    expect(source.positions()).toEqual(new Map([[full, '9']]));
    expect(await readAll(sourceOf(table()), types, source.positions())).toEqual([]);
  });

  test('new files are found where they are looked for', async () => {
    file('1', '{"id":1}\n');
    const source = sourceOf(table({ 'source.monitor-interval': '10 ms' }));
    await source.open(async () => new Map());
    const { signal } = new AbortController();
    const next = async () => rowsOf(types, (await source.poll(signal))!).map((row) => row[0]);
    const seen: unknown[] = [];
    while (seen.length < 1) seen.push(...(await next()));
    file('2', '{"id":2}\n');
    while (seen.length < 2) seen.push(...(await next()));
    expect(seen).toEqual([1, 2]);
    await source.close();
  });

  test('a malformed line names file, line, column and what to do', async () => {
    const full = file('t.jsonl', '{"id":1}\n{"id":2}\n{"id":"x"}\n');
    const error = await readAll(sourceOf(table()), types).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RunError);
    expect(error).toMatchObject({
      code: 'malformed-record',
      message: `'${full}', line 3: field 'id': expected an INT, found the text 'x'\n  line: {"id":"x"}`,
      help: "set 'on-error' = 'dead-letter' to keep such lines apart and go on, or 'skip' to count them only; \
'json.ignore-parse-errors' = 'true' makes NULL of fields that do not fit",
    });
  });

  test('a malformed line is passed over where on-error says so, and kept where it says dead-letter', async () => {
    const long = `{"id":3,"s":"${'x'.repeat(80)}"}`;
    const full = file('t.jsonl', `{"id":1}\noops\r\n{"id":"x"}\n${long}\n{"id":4}\n{"id":`);
    const told: Rejection[] = [];
    const options = { 'on-error': 'dead-letter', 'on-error.wrong-type': 'skip', 'max-record-size': '90b' };
    const source = sourceOf(table(options), undefined, keepRejected(told));
    expect((await readAll(source, types)).map(([id]) => id)).toEqual([1, 4]);
    const bytes = (text: string) => new Uint8Array(Buffer.from(text));
    expect(told).toMatchObject([
      { reason: 'malformed', policy: 'dead-letter', split: full, position: '9', value: bytes('oops') },
      { reason: 'wrong-type', policy: 'skip', message: expect.stringContaining(`'${full}', line 3: field 'id'`) },
      { reason: 'too-large', policy: 'dead-letter', split: full, position: '26', value: bytes(long) },
      { reason: 'malformed', policy: 'dead-letter', value: bytes('{"id":') },
    ]);
    expect(told[1]).not.toHaveProperty('value');
    expect(told[2]!.message).toContain(`the line has ${long.length} bytes, 'max-record-size' allows 90`);
    // A restart behind a bad line does not meet it again.
    const again = sourceOf(table(options), undefined, keepRejected([]));
    expect((await readAll(again, types, new Map([[full, '15']]))).map(([id]) => id)).toEqual([4]);
  });

  test('a missing path is told', async () => {
    const missing = sourceOf(table({ path: path.join(dir, 'nothing') }));
    await expect(readAll(missing, types)).rejects.toThrow(/nothing' cannot be read: there is no such file or folder/);
  });

  test('metadata of the file', async () => {
    const full = file('t.jsonl', '{"id":1}\n');
    const metadata = { 'file.path': type.string(), 'file.name': type.string(), 'file.size': type.bigint() };
    const source = sourceOf({ ...table(), metadata }, [2, 0, 3, 4]);
    const rows = await readAll(source, [type.string(), type.int(), type.string(), type.bigint()]);
    expect(rows).toEqual([[full, 1, 't.jsonl', 9n]]);
  });

  test('a field that nobody reads may be missing', async () => {
    file('t', '{"id":1}\n');
    const strict = table({ 'json.fail-on-missing-field': 'true' });
    expect(await readAll(sourceOf(strict, [0]), [type.int()])).toEqual([[1]]);
    await expect(readAll(sourceOf(strict), types)).rejects.toThrow(/field 's' is missing/);
  });

  test('csv records may span lines, raw lines are bytes', async () => {
    file('t', '1,"a\nb"\n2,c\n');
    expect(await readAll(sourceOf(table({ format: 'csv' })), types)).toEqual([
      [1, 'a\nb'],
      [2, 'c'],
    ]);
    const raw = { columns: { line: type.string() }, options: { connector: 'filesystem', path: dir, format: 'raw' } };
    expect(await readAll(sourceOf(raw), [type.string()])).toEqual([['1,"a'], ['b"'], ['2,c']]);
  });
});

describe('writing', () => {
  const batch = (...rows: [number | null, string | null][]) => batchOf(types, rows);
  const parts = () => readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((f) => /part-[^/]*$/.test(f));
  const content = () => parts().map((f) => readFileSync(path.join(dir, f), 'utf8'));

  test('one part file of whole lines, hidden until it is finished', async () => {
    const sink = sinkOf(table());
    await sink.open();
    await sink.write(batch([1, 'a'], [2, null]));
    expect(sink.pending).toBe(2);
    await sink.commit({ positions: new Map() });
    expect(parts()).toEqual([expect.stringMatching(/^\.part-.*\.inprogress$/)]);
    expect(content()).toEqual(['{"id":1,"s":"a"}\n{"id":2,"s":null}\n']);
    await sink.close();
    expect(parts()).toEqual([expect.stringMatching(/^part-/)]);
    expect(await readAll(sourceOf(table()), types)).toEqual([
      [1, 'a'],
      [2, null],
    ]);
  });

  test('a row that the format cannot write goes where on-error says, the others are written', async () => {
    const columns = { id: type.int(), m: type.map(type.string(), type.int()) };
    const rows = batchOf(Object.values(columns), [
      [1, new Map([['a', 1]])],
      [2, new Map([[null, 2]])],
      [3, null],
    ]);
    const wanting = (policy: string) => ({ ...table({ 'on-error.encoding': policy }), columns });
    expect(() => sinkOf(wanting('fail')).write(rows)).toThrow("field 'm': a map with the key NULL");
    const told: Rejection[] = [];
    const sink = sinkOf(wanting('dead-letter'), keepRejected(told));
    await writeAll(sink, [rows]);
    expect(content()).toEqual(['{"id":1,"m":{"a":1}}\n{"id":3,"m":null}\n']);
    expect(told).toMatchObject([{ reason: 'encoding', policy: 'dead-letter' }]);
    expect(Buffer.from(told[0]!.value!).toString()).toMatch(/^\{"id":2,"m":/);
  });

  test('what was not committed is not written', async () => {
    const sink = sinkOf(table());
    await sink.open();
    await sink.write(batch([1, 'a']));
    await sink.close();
    expect(parts()).toEqual([]);
  });

  test('a new file when the old one is large enough', async () => {
    await writeAll(sinkOf(table({ 'sink.rolling-policy.file-size': '1b' })), [batch([1, 'a']), batch([2, 'b'])]);
    expect(content().sort()).toEqual(['{"id":1,"s":"a"}\n', '{"id":2,"s":"b"}\n']);
  });

  test('what a dead run left is finished without its torn line', async () => {
    const sink = sinkOf(table());
    await sink.open();
    await sink.write(batch([1, 'a']));
    await sink.commit({ positions: new Map() });
    const [left] = parts();
    writeFileSync(path.join(dir, left!), '{"id":1,"s":"a"}\n{"id":2,"s"');
    await writeAll(sinkOf(table()), [batch([2, 'b'])]);
    expect(content().sort()).toEqual(['{"id":1,"s":"a"}\n', '{"id":2,"s":"b"}\n']);
    expect(parts().every((f) => f.startsWith('part-'))).toBe(true);
    await sink.close().catch(() => undefined);
  });

  test('partitions are folders, and read back from them', async () => {
    const partitioned = { ...table(), partitionedBy: ['s'] };
    await writeAll(sinkOf(partitioned), [batch([1, 'a/b'], [2, null], [3, 'a/b'])]);
    expect(
      parts()
        .map((f) => path.dirname(f))
        .sort(),
    ).toEqual(['s=__DEFAULT_PARTITION__', 's=a%2Fb']);
    expect(content().sort()).toEqual(['{"id":1}\n{"id":3}\n', '{"id":2}\n']);
    const rows = await readAll(sourceOf(partitioned), types);
    expect(rows.sort()).toEqual([
      [1, 'a/b'],
      [2, null],
      [3, 'a/b'],
    ]);
  });

  test('a file in the place of the folder is told', async () => {
    const full = file('occupied', 'x');
    await expect(sinkOf(table({ path: full })).open()).rejects.toThrow(/occupied' cannot be written/);
  });

  test('files only grow', () => {
    expect(bind(table(), 'sink').bound?.accepts).toBe('append');
  });
});

describe('mistakes', () => {
  test.each<[Record<string, string>, string]>([
    [{ path: 's3://bucket/x' }, "'s3://bucket/x' is not on the local disk"],
    [{ 'source.path.regex-pattern': '(' }, "'(' is no regular expression"],
    [{ format: 'raw' }, "format 'raw' takes exactly one physical column, found 2: 'id', 's'"],
    [{ 'json.ignore-parse-errors': 'true', 'json.fail-on-missing-field': 'true' }, 'exclude each other'],
    [{ 'json.ignore-errors': 'true' }, "format 'json' has no option 'json.ignore-errors'"],
    [{ pth: 'x' }, "connector 'filesystem' has no option 'pth'"],
  ])('%j', (options, message) => {
    expect(bind(table(options), 'source').messages).toContainEqual(expect.stringContaining(message));
  });

  test('partitions are physical columns of simple types', () => {
    const partitioned = (name: string) =>
      bind({ ...table(), columns: { ...columns, d: type.double() }, partitionedBy: [name] }, 'sink').messages;
    expect(partitioned('x')).toEqual(["PARTITIONED BY names 'x', which is no physical column"]);
    expect(partitioned('d')).toEqual(["column 'd' of type DOUBLE cannot be in PARTITIONED BY"]);
    expect(partitioned('s')).toEqual([]);
  });

  test('options without effect are warned about', () => {
    const options = { 'sink.partition-commit.policy.kind': 'success-file', 'auto-compaction': 'true' };
    const { bound, messages } = bind(table(options), 'sink');
    expect(bound).toBeDefined();
    expect(messages).toEqual([
      expect.stringContaining("'sink.partition-commit.policy.kind' has no effect"),
      expect.stringContaining("'auto-compaction' has no effect"),
    ]);
  });

  test('path and format are needed', () => {
    expect(bind({ columns, options: { connector: 'filesystem' } }, 'sink').messages).toEqual([
      "connector 'filesystem' needs the option 'path'",
      "connector 'filesystem' needs the option 'format'",
    ]);
  });
});
