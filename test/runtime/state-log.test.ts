import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateLog } from '../../engine/runtime/state-log.ts';
import { stateMismatch } from '../../engine/runtime/state-mismatch.ts';
import type { StateChange, StateNodes } from '../../engine/runtime/state-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nodes: StateNodes = new Map([
  ['0 aggregate', { fingerprint: 'f', text: 'GroupAggregate(groupBy=[k])', sources: ['t'] }],
]);

/** The change of an epoch: its number is in it. */
function change(epoch: number): StateChange {
  return { entries: [{ kind: 'tick', operator: 0, now: epoch }], images: new Map([['1 watermark', BigInt(epoch)]]) };
}

/** Saves and commits epochs; image of one: its number and as many zeros as wanted. */
async function fill(log: StateLog, from: number, to: number, size = 10): Promise<void> {
  for (let epoch = from; epoch <= to; epoch++) {
    const images = log.wantsImages ? new Map([['0 aggregate', { epoch, values: new Int32Array(size) }]]) : undefined;
    await log.save(epoch, nodes, change(epoch), images);
    await log.committed(epoch);
  }
}

async function read(log: StateLog, epoch: number): Promise<{ image: number; ticks: number[] } | undefined> {
  const saved = await log.load(epoch);
  if (saved === undefined) return undefined;
  const image = saved.images?.get('0 aggregate') as { epoch: number } | undefined;
  const ticks: number[] = [];
  for await (const { entries } of saved.changes)
    for (const each of entries) if (each.kind === 'tick') ticks.push(each.now);
  return { image: image?.epoch ?? 0, ticks };
}

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('states in a folder', () => {
  it('gives back the changes of all epochs up to the committed one, and drops later ones', async () => {
    const log = new StateLog(folder);
    await fill(log, 1, 5);
    await log.close();
    const again = new StateLog(folder);
    expect(await read(again, 4)).toEqual({ image: 0, ticks: [1, 2, 3, 4] });
    // Another run went on from 4: its epoch 5 is not the old one.
    await again.save(5, nodes, change(50), undefined);
    await again.close();
    expect(await read(new StateLog(folder), 5)).toEqual({ image: 0, ticks: [1, 2, 3, 4, 50] });
  });

  it('gives the last image and the changes since, whatever the epoch', async () => {
    const log = new StateLog(folder, 2000);
    await fill(log, 1, 200, 300);
    await log.close();
    // The last image may have been on its way when the last epoch was committed.
    await log.committed(200);
    expect(readdirSync(folder).filter((name) => name.endsWith('.image'))).toHaveLength(1);
    const found = await read(new StateLog(folder, 2000), 200);
    expect(found!.image).toBeGreaterThan(100);
    expect(found!.ticks).toEqual(upTo(found!.image + 1, 200));
  });

  it('goes on with logs whose image a crash left unfinished', async () => {
    const log = new StateLog(folder, 1000);
    await fill(log, 1, 30);
    await log.close();
    const [image] = readdirSync(folder).filter((name) => name.endsWith('.image'));
    // As if epochs after it were there and a later image had not been written.
    const base = Number.parseInt(image!, 10);
    const more = new StateLog(folder, 1000);
    await read(more, 30);
    await more.save(31, nodes, change(31), new Map([['0 aggregate', { epoch: 31, values: [] }]]));
    await more.close();
    rmSync(path.join(folder, '31.image'));
    expect(await read(new StateLog(folder), 31)).toEqual({ image: base, ticks: upTo(base + 1, 31) });
  });

  it('goes over to other nodes with one epoch, and back where that is never committed', async () => {
    const log = new StateLog(folder);
    await fill(log, 1, 5);
    await log.close();
    const others: StateNodes = new Map([['0 join', { fingerprint: 'g', text: 'Join(…)', sources: ['t', 'u'] }]]);
    const goOver = async () => {
      const changed = new StateLog(folder);
      await changed.load(5);
      changed.replaceNodes();
      expect(changed.wantsImages).toBe(true);
      await changed.save(6, others, change(6), new Map([['0 join', { rows: 7 }]]));
      return changed;
    };
    await (await goOver()).close();
    const back = await new StateLog(folder).load(5);
    expect(back!.nodes).toEqual(nodes);
    expect(await read(new StateLog(folder), 5)).toEqual({ image: 0, ticks: [1, 2, 3, 4, 5] });

    const changed = await goOver();
    await changed.committed(6);
    await changed.save(7, others, change(70), undefined);
    await changed.close();
    expect(readdirSync(folder).sort()).toEqual(['6.image', '6.log']);
    const saved = await new StateLog(folder).load(7);
    expect(saved!.nodes).toEqual(others);
    expect(saved!.images!.get('0 join')).toEqual({ rows: 7 });
    expect(await read(new StateLog(folder), 7)).toMatchObject({ ticks: [70] });
  });

  it('does not give what is cut off or not there', async () => {
    const log = new StateLog(folder);
    await fill(log, 1, 5);
    await log.close();
    const file = path.join(folder, '0.log');
    truncateSync(file, statSync(file).size - 3);
    expect(await read(new StateLog(folder), 5)).toBeUndefined();
    expect(await read(new StateLog(folder), 4)).toEqual({ image: 0, ticks: [1, 2, 3, 4] });
    expect(await read(new StateLog(path.join(folder, 'nothing')), 1)).toBeUndefined();
  });

  it('keeps large things of every kind', async () => {
    const length = 200_000;
    const image = {
      ints: Int32Array.from({ length }, (_, i) => i),
      wide: BigInt64Array.from({ length }, (_, i) => BigInt(i)),
      texts: Array.from({ length }, (_, i) => `text ${i}`),
      map: new Map(Array.from({ length }, (_, i) => [i, `v${i}`])),
      set: new Set(Array.from({ length }, (_, i) => BigInt(i))),
      nested: [{ few: new Map([['a', new Float64Array(length)]]) }, undefined, null, 'x', [1n, new Uint8Array(3)]],
    };
    const log = new StateLog(folder, 0);
    await log.save(1, nodes, change(1), undefined);
    expect(log.wantsImages).toBe(true);
    await log.save(2, nodes, change(2), new Map([['0 aggregate', image]]));
    await log.close();
    const saved = await new StateLog(folder).load(2);
    const found = saved!.images!.get('0 aggregate') as typeof image;
    // Element by element, a matcher would take seconds.
    expect(Buffer.from(found.ints.buffer).equals(Buffer.from(image.ints.buffer))).toBe(true);
    expect(Buffer.from(found.wide.buffer).equals(Buffer.from(image.wide.buffer))).toBe(true);
    expect(found.texts.join()).toBe(image.texts.join());
    expect([...found.map].join()).toBe([...image.map].join());
    expect([...found.set].join()).toBe([...image.set].join());
    expect([found.nested.length, found.nested[2], found.nested[3]]).toEqual([5, null, 'x']);
  });

  it('writes no more for an epoch than its own change, however much is remembered', async () => {
    const log = new StateLog(folder, 1000);
    await fill(log, 1, 40, 1_000_000);
    await log.close();
    const again = new StateLog(folder, 1000);
    await read(again, 40);
    const before = statSync(path.join(folder, readdirSync(folder).find((name) => name.endsWith('.log'))!)).size;
    await fill(again, 41, 41, 1_000_000);
    await again.close();
    const after = statSync(path.join(folder, readdirSync(folder).find((name) => name.endsWith('.log'))!)).size;
    expect(after - before).toBeLessThan(1000);
  });
});

describe('a state of another query', () => {
  const node = (text: string, fingerprint = text): StateNodes =>
    new Map([['0 aggregate', { fingerprint, text, sources: ['t'] }]]);
  const counts = 'GroupAggregate(groupBy=[k], select=[k, COUNT(*) AS n])';

  it.each([
    [
      'the node itself',
      node(counts),
      node('GroupAggregate(groupBy=[k], select=[k, SUM(v) AS n])'),
      `what is remembered does not fit GroupAggregate(groupBy=[k], select=[k, SUM(v) AS n]); it was ${counts}`,
    ],
    [
      'what it reads',
      node(`${counts}\n+- Calc(select=[k], where=[(v > 1)])`),
      node(`${counts}\n+- Calc(select=[k], where=[(v > 2)])`),
      `what is remembered does not fit ${counts}, which reads from Calc(select=[k], where=[(v > 2)]); it was Calc(select=[k], where=[(v > 1)])`,
    ],
    ['types', node(counts, 'a'), node(counts, 'b'), `the types of columns of ${counts} are others`],
    ['a new node', new Map(), node(counts), `nothing is remembered for ${counts}, which is new`],
    ['a node that went', node(counts), new Map(), `it had ${counts}, which is gone`],
  ])('says that %s changed', (_, saved, now, message) => {
    expect(stateMismatch(saved as StateNodes, now as StateNodes)).toMatchObject({
      code: 'state-mismatch',
      message: `the query changed: ${message}`,
    });
  });

  it('fits where nothing changed', () => {
    expect(stateMismatch(node(counts), node(counts))).toBeUndefined();
  });
});
