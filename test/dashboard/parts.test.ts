import { expect, test } from 'vitest';
import { Figures, quantile } from '../../bin/dashboard/figures.ts';
import { graphOf } from '../../bin/dashboard/graph.ts';
import { History } from '../../bin/dashboard/history.ts';
import {
  figureNames,
  type GraphEdge,
  type GraphNode,
  type PipelineTick,
  type Tick,
} from '../../bin/dashboard/messages.ts';
import { KeyedLines } from '../../bin/dashboard/page/keyed-lines.ts';
import { layOut } from '../../bin/dashboard/page/layout.ts';
import { placeNodes } from '../../bin/dashboard/page/place-nodes.ts';
import { showSeconds } from '../../bin/dashboard/page/show-figures.ts';
import { letterOf, ProblemRing } from '../../bin/dashboard/problem-ring.ts';
import { createRedaction } from '../../bin/dashboard/redaction.ts';
import { Tap } from '../../bin/dashboard/tap.ts';
import { registry } from '../../connectors/index.ts';
import { check, explainPipelines, highlight } from '../../engine/index.ts';
import { createStatus } from '../../engine/runtime/status.ts';
import { batchOf, type RowBatch, RowKind } from '../../engine/types/batch.ts';
import { type } from '../../engine/types/data-type.ts';

const checkSql = (text: string) => check({ file: 'job.sql', text }, { registry, variables: () => undefined });

test('figures are differences of counters: rates, latency of the last second, time held back', () => {
  const status = createStatus('sink');
  const job = { name: 'j', file: 'j.sql', pipelines: [status], counted: () => new Map(), stop: () => {} };
  const figures = new Figures();
  status.rowsIn = 1000;
  status.rowsRead.set('a', 1000);
  expect(figures.tick([job], 10_000).pipelines[0]!.figures).toMatchObject({
    in: 0,
    out: 0,
    p50: null,
    lagRecords: null,
  });
  status.rowsIn = 1600;
  status.rowsRead.set('a', 1400).set('b', 200);
  status.rowsOut = 300;
  status.heldBack.set('a', 500);
  // Ten commits of at most 1 ms, then one between 0.5 s and 1 s.
  status.latency.counts[0] = 10;
  status.latency.counts[9] = 1;
  status.lag = () => [
    { source: 'a', split: 'a-0', records: 5, timestamp: 9000 },
    { source: 'a', split: 'a-1', records: 7, timestamp: 4000 },
    { source: 'b', split: 'b-0', records: 0, timestamp: 1 },
  ];
  const [tick] = figures.tick([job], 12_000).pipelines;
  expect(tick!.sources).toEqual([
    { id: 'a', rows: 1400, rate: 200, lagRecords: 12, lagSeconds: 8, heldBack: 0.25 },
    { id: 'b', rows: 200, rate: 100, lagRecords: 0, lagSeconds: 0, heldBack: 0 },
  ]);
  expect(tick!.figures).toMatchObject({ in: 300, out: 150, lagRecords: 12, lagSeconds: 8, heldBack: 0.25 });
  expect(tick!.figures.p50).toBeLessThan(0.001);
  expect(tick!.figures.p99).toBeGreaterThan(0.5);
  // Workers that were started again count from zero: that is no negative rate.
  status.rowsIn = 10;
  expect(figures.tick([job], 13_000).pipelines[0]!.figures.in).toBe(0);
});

test('quantiles lie within the range that holds them', () => {
  expect(quantile([1, 2, 4], [0, 0, 0, 0], 0.5)).toBeNull();
  expect(quantile([1, 2, 4], [0, 10, 0, 0], 0.5)).toBe(1.5);
  expect(quantile([1, 2, 4], [5, 0, 5, 0], 0.5)).toBe(1);
  expect(quantile([1, 2, 4], [0, 0, 0, 3], 0.99)).toBe(4);
});

test('the history keeps the newest samples in order and knows what it does not know', () => {
  const history = new History(3);
  const tick = (time: number, lag: number | null): Tick => {
    const figures = Object.fromEntries(figureNames.map((name) => [name, name === 'lagSeconds' ? lag : time]));
    return { time, memoryBytes: 0, pipelines: [{ job: 0, pipeline: 1, figures } as unknown as PipelineTick] };
  };
  for (const time of [1, 2, 3, 4, 5]) history.add(tick(time, time === 4 ? null : 0.5));
  const { times, pipelines } = history.view();
  expect(times).toEqual([3, 4, 5]);
  expect(pipelines[0]).toMatchObject({ job: 0, pipeline: 1 });
  expect(pipelines[0]!.series[figureNames.indexOf('in')]).toEqual([3, 4, 5]);
  expect(pipelines[0]!.series[figureNames.indexOf('lagSeconds')]).toEqual([0.5, null, 0.5]);
});

test('the graph of a plan: sources in their order, also of a table read twice, towards the sink', () => {
  const checked = checkSql(`
    CREATE TABLE a (x INT) WITH ('connector' = 'datagen');
    CREATE TABLE target (x INT) WITH ('connector' = 'blackhole');
    INSERT INTO target SELECT x FROM a WHERE x > 1 UNION ALL SELECT x FROM a UNION ALL SELECT x + 1 FROM a;`);
  const [pipeline] = checked.pipelines!;
  const { nodes, edges } = graphOf(explainPipelines(checked)[0]!.tree, {
    sources: pipeline!.sources.map(({ id }) => id),
    connectorOf: (table) => (table === 'a' ? 'datagen' : 'blackhole'),
    tapOf: (source) => source ?? 'sink',
  });
  const sources = nodes.filter(({ kind }) => kind === 'source');
  expect(sources.map(({ title, tap, detail }) => [title, tap, detail])).toEqual([
    ['a', 'a', 'datagen'],
    ['a#2', 'a#2', 'datagen'],
    ['a#3', 'a#3', 'datagen'],
  ]);
  const sink = nodes.at(-1)!;
  expect(sink).toMatchObject({ kind: 'sink', title: 'target', tap: 'sink', detail: 'blackhole' });
  expect(edges.filter(({ to }) => to === sink.id)).toMatchObject([{ sink: true }]);
  expect(edges.flatMap(({ source }) => source ?? []).sort()).toEqual(['a', 'a#2', 'a#3']);
  expect(edges).toHaveLength(nodes.length - 1);

  // Sources stand in the first layer, everything else behind all its inputs, no two nodes in one place.
  const { cells, layers, rows } = layOut(nodes, edges);
  expect(rows).toBe(3);
  expect(cells.get(sink.id)).toEqual({ layer: layers - 1, row: 1 });
  for (const { from, to } of edges) expect(cells.get(from)!.layer).toBeLessThan(cells.get(to)!.layer);
  expect(new Set([...cells.values()].map(({ layer, row }) => `${layer} ${row}`)).size).toBe(nodes.length);
});

test('a tap shows the newest rows and the newest of each key, cut and with secrets hidden', () => {
  const fields = [
    { name: 'n', type: type.int() },
    { name: 'text', type: type.string() },
  ];
  const tap = new Tap(fields, 'UTC', []);
  const redaction = createRedaction([], ['hunter2hunter2']);
  const batch = (from: number, length: number, text: string): RowBatch =>
    batchOf(
      fields.map((f) => f.type),
      Array.from({ length }, (_, i) => [from + i, text]),
    );
  expect(tap.rows(redaction, 1)).toBeUndefined();
  tap.take(batch(0, 1000, 'old'));
  tap.take(batch(1000, 15, 'password hunter2hunter2'));
  tap.take({ ...batch(1015, 15, 'x'.repeat(5000)), kinds: new Uint8Array(15).fill(RowKind.delete) });
  const view = tap.rows(redaction, 7)!;
  expect(view.seen).toBe(1030);
  const newest = Array.from({ length: 19 }, (_, i) => 1011 + i);
  expect(view.rows.map(({ cells }) => Number(cells[0]))).toEqual([999, ...newest]);
  expect(view.rows[1]).toEqual({ kind: '+I', cells: ['1011', 'password ***'] });
  expect(view.rows.at(-1)!.kind).toBe('-D');
  expect(view.rows.at(-1)!.cells[1]!.length).toBeLessThan(300);
  expect(tap.rows(redaction, 8)).toBeUndefined();

  // A declared key comes before a text; a key whose rows come seldom is not lost among batches of others.
  const keyed = new Tap(fields, 'UTC', ['n']);
  keyed.take(batch(7, 1, 'seldom'));
  for (let i = 0; i < 25; i++)
    keyed.take(
      batchOf(
        fields.map((f) => f.type),
        Array.from({ length: 40 }, () => [1, `${i}`]),
      ),
    );
  const sample = keyed.rows(redaction, 9)!.rows.map(({ cells }) => cells.join());
  expect(sample).toHaveLength(20);
  expect(sample.slice(0, 2)).toEqual(['7,seldom', '1,24']);
  // However many batches pass, few are held, and they span the time.
  for (let i = 0; i < 1000; i++) keyed.take(batch(i, 1, 'x'));
  const spread = keyed.rows(redaction, 10)!.rows.map(({ cells }) => Number(cells[0]));
  expect(spread.at(-1)).toBe(999);
  expect(keyed.header().key).toEqual([0]);
});

test('secrets are hidden in SQL where they are written, and everywhere unless they are shown anyway', () => {
  const sql = `
    -- the password is s3cr3t-value
    CREATE TABLE t (x INT) WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://h/postgres', 'table-name' = 't',
      'username' = 'postgres', 'password' = '\${PASSWORD:-s3cr3t-value}');
    CREATE TABLE u (x INT) WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://h/postgres?password=other', 'table-name' = 'u',
      'username' = 'postgres', 'password' = 'postgres');`;
  const redaction = createRedaction([checkSql(sql)], []);
  const shown = redaction.sql(sql);
  expect(shown).not.toContain('s3cr3t-value');
  expect(shown).not.toContain('other');
  expect(shown).toContain("'password' = '${PASSWORD:-***}'");
  expect(shown).toContain("'username' = 'postgres', 'password' = '***'");
  expect(shown).toContain('jdbc:postgresql://h/postgres');
  expect(redaction.text('wrong: s3cr3t-value')).toBe('wrong: ***');
  expect(Buffer.from(redaction.bytes(Buffer.from('a s3cr3t-value b'))).toString()).toBe('a ************ b');
});

test('problems: a kind of trouble is one entry with a count, the newest first; letters keep their first bytes', () => {
  const ring = new ProblemRing();
  const redaction = createRedaction([], []);
  ring.logged('info', 'serving', { url: 'x' });
  expect(ring.version).toBe(0);
  ring.logged('warn', 'restarting', { pipeline: 'p', reason: 'away', waitMs: 500 });
  ring.logged('error', 'job_failed', { job: 'j' });
  ring.logged('warn', 'restarting', { pipeline: 'p', reason: 'away', waitMs: 1000 });
  const [first, second] = ring.view(redaction).log;
  expect(first).toMatchObject({ event: 'restarting', count: 2, level: 'warn' });
  expect(first!.fields).toContainEqual(['waitMs', '1000']);
  expect(second).toMatchObject({ event: 'job_failed', count: 1, level: 'error' });
  for (let i = 0; i < 60; i++) {
    const value = new Uint8Array(5000).fill(i);
    const rejection = { reason: 'malformed', policy: 'dead-letter', message: `m${i}` } as const;
    ring.rejected(letterOf('t', { ...rejection, split: 's', position: '7', value }));
  }
  const { letters } = ring.view(redaction);
  expect(letters).toHaveLength(50);
  expect(letters[0]).toMatchObject({ message: 'm59', place: 's at 7', key: null });
  expect(letters[0]!.value).toEqual({ hex: '3b'.repeat(1024), size: 5000 });
});

test('lines by key: the last value of each key of a message, keys that come later, rows taken back', () => {
  const lines = new KeyedLines();
  const row = (kind: string, key: string, value: string | null) => ({ kind, cells: [key, value] });
  lines.add(1000, [row('+I', 'a', '1'), row('+I', 'a', '2')], 1, 0);
  lines.add(2000, [row('-U', 'a', '2'), row('+U', 'a', '3.5'), row('+I', 'b', '9'), row('+I', 'c', null)], 1, 0);
  lines.add(3000, [row('-D', 'b', '9')], 1, 0);
  expect(lines.keys).toEqual(['a', 'b']);
  expect(lines.data()).toEqual([
    [1, 2, 3],
    [2, 3.5, null],
    [null, 9, null],
  ]);
  expect(lines.summary()).toBe('a 3.5, b 9');
  expect(lines.changes().slice(1)).toEqual([
    [0, 75, null],
    [null, 0, null],
  ]);
  expect(lines.apart).toBe(false);
  lines.add(4000, [row('+I', 'b', '90')], 1, 0);
  expect(lines.apart).toBe(true);
});

test('durations in the unit that fits', () => {
  expect([0, 0.0004, 0.0035, 0.25, 1.5, 59, 300, 9000].map(showSeconds)).toEqual([
    '0 s',
    '<1 ms',
    '3.5 ms',
    '250 ms',
    '1.5 s',
    '59 s',
    '5 min',
    '3 h',
  ]);
});

test('highlighting covers every character that is no blank, whatever the text', () => {
  const text = "SELECT `a b`, 'it''s' /* c */ FROM t -- end\nWHERE x >= 1.5 \u0001 'open";
  const spans = highlight(text);
  const kind = (part: string) => spans.find(({ start }) => start === text.indexOf(part))?.kind;
  expect(kind('SELECT')).toBe('keyword');
  expect(kind('`a b`')).toBe('name');
  expect(kind("'it''s'")).toBe('string');
  expect(kind('/* c */')).toBe('comment');
  expect(kind('-- end')).toBe('comment');
  expect(kind('1.5')).toBe('number');
  const left = spans.reduceRight((t, { start, end }) => t.slice(0, start) + t.slice(end), text);
  expect(left.trim()).toBe('');
  expect(spans.every(({ start }, i) => start >= (spans[i - 1]?.end ?? 0))).toBe(true);
});

test('a drawing fits the page: long chains become smaller, on phones rows flow downwards', () => {
  const chain = (length: number) => {
    const nodes = Array.from({ length }, (_, i): GraphNode => {
      const kind = i === 0 ? 'source' : i === length - 1 ? 'sink' : 'operator';
      return { id: `n${i}`, kind, title: `n${i}`, detail: '', description: '' };
    });
    const edges = nodes.slice(1).map(({ id }, i): GraphEdge => {
      const ends = { ...(i === 0 ? { source: 'n0' } : {}), ...(i === length - 2 ? { sink: true as const } : {}) };
      return { from: `n${i}`, to: id, ...ends };
    });
    return [nodes, edges] as const;
  };
  const short = placeNodes(...chain(3), 1200, false);
  expect(short.scale).toBe(1);
  expect(short.width).toBeLessThanOrEqual(1200);
  const long = placeNodes(...chain(8), 1200, false);
  expect(long.scale).toBeGreaterThan(0.7);
  expect(long.width * long.scale).toBeLessThanOrEqual(1200);
  for (const { boxes } of [short, long]) {
    const all = [...boxes.values()];
    // Each begins behind the one before it; figures have room beside sources and sinks.
    const gaps = all.slice(1).map((box, i) => box.x - all[i]!.x - all[i]!.width);
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    expect(Math.min(gaps[0]!, gaps.at(-1)!)).toBeGreaterThanOrEqual(100);
  }
  const phone = placeNodes(...chain(3), 327, true);
  expect(phone.width).toBeLessThanOrEqual(327);
  expect([...phone.boxes.values()].map(({ y }) => y)).toEqual([8, 128, 248]);
});
