import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ProcessReport } from '../../bin/serve/report.ts';
import type { RunningBin } from '../end-to-end/bin.ts';
import { type Folder, setFolder } from '../end-to-end/scene.ts';
import { until } from '../servers/index.ts';

/**
 * What watching costs, on a machine that may do other work meanwhile: turns of a few seconds alternate, each is compared
 * with its neighbour, and the figures are medians of many pairs. Two are told of each: rows a second by the clock, which
 * other work disturbs, and processor time, which it hardly does. `TURNS` and `SECONDS` change the numbers.
 */
const TURNS = Number(process.env.TURNS ?? 20);
const SECONDS = Number(process.env.SECONDS ?? 3);

const JOB = `
  SET 'pipeline.name' = 'watched';
  CREATE TABLE ticks (symbol STRING, price DOUBLE, amount INT) WITH (
    'connector' = 'datagen', 'rows-per-second' = '100000000', 'fields.symbol.length' = '3');
  CREATE TABLE nowhere (symbol STRING, price DOUBLE, cost DOUBLE) WITH ('connector' = 'blackhole');
  INSERT INTO nowhere SELECT symbol, price, price * amount FROM ticks WHERE amount > 0;`;

/**
 * One run with nobody looking and, in every other turn, with the dashboard's events, rows of source and sink open and
 * `/metrics` scraped every second. The reader is this process, as a browser on another machine would be. Looking costs
 * the same whether the job has a whole processor or gets a tenth of it: what it takes of one is what a job loses that
 * has one.
 */
it('throughput while somebody looks', async () => {
  const scene = setFolder();
  const { bin, url } = await startServed(scene);
  const perSecond: number[] = [];
  const costs: number[] = [];
  for (let i = 0; i < TURNS; i++) {
    const alone = await turn(bin, scene);
    const end = watch(url!);
    const watched = await turn(bin, scene);
    expect(end()).toBeGreaterThan(0);
    perSecond.push(watched.perSecond / alone.perSecond);
    // What the rows of the watched turn would have taken alone is known from its neighbour.
    costs.push(watched.cpu - watched.perSecond / alone.perCpu);
    process.stdout.write(
      `${rate(alone.perSecond)} rows/s alone, ${rate(watched.perSecond)} watched: ${percent(perSecond.at(-1)!)}; ` +
        `looking took ${percent(costs.at(-1)!)} of a processor, the job ${percent(watched.cpu)}\n`,
    );
  }
  const cost = median(costs);
  process.stdout.write(
    `median ${percent(median(perSecond))} of the rows; looking takes ${percent(cost)} of a processor, ` +
      `which leaves ${percent(1 - cost)} to a job that has one\n`,
  );
});

/** Two runs at the same time, one with a server that nobody asks and one without; new ones every few turns. */
it('throughput with a server that nobody asks', async () => {
  const perSecond: number[] = [];
  const perCpu: number[] = [];
  for (let i = 0; i < TURNS / 4; i++) {
    const scene = setFolder();
    // Who was started first may have been compiled better: that alternates too.
    const flags = i % 2 === 0 ? [['--port', '0'], []] : [[], ['--port', '0']];
    const bins = [];
    for (const more of flags) bins.push((await startServed(scene, more)).bin);
    for (let t = 0; t < 4; t++) {
      const pair = await Promise.all(bins.map((bin) => turn(bin, scene)));
      const [served, plain] = i % 2 === 0 ? [pair[0]!, pair[1]!] : [pair[1]!, pair[0]!];
      perSecond.push(served.perSecond / plain.perSecond);
      perCpu.push(served.perCpu / plain.perCpu);
    }
    for (const bin of bins) await bin.end('SIGTERM');
    process.stdout.write(
      `with a server ${percent(median(perSecond.slice(-4)))} of the rows, ` +
        `${percent(median(perCpu.slice(-4)))} of the rows of a processor's second\n`,
    );
  }
  process.stdout.write(
    `median ${percent(median(perSecond))} of the rows, ${percent(median(perCpu))} of those of a processor's second\n`,
  );
});

/** Starts the job and lets it warm up. */
async function startServed(scene: Folder, flags: readonly string[] = ['--port', '0']) {
  const bin = scene.start(['run', scene.write('job.sql', JOB), ...flags], { XDG_RUNTIME_DIR: scene.folder });
  await until('rows', async () => (await rowsRead(bin, scene)) > 0);
  await sleep(3000);
  return { bin, url: /"url":"([^"]+)"/.exec(bin.stderr)?.[1] };
}

/** What a run does within some seconds: rows a second, rows a second of processor time, and its share of a processor. */
async function turn(bin: RunningBin, scene: Folder) {
  const [rows, cpu, from] = [await rowsRead(bin, scene), bin.cpu(), performance.now()];
  await sleep(SECONDS * 1000);
  const more = (await rowsRead(bin, scene)) - rows;
  const seconds = (performance.now() - from) / 1000;
  const used = (bin.cpu() - cpu) / 1000;
  return { perSecond: more / seconds, perCpu: more / used, cpu: used / seconds };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** As `cryptopipe status` asks, which needs no server. */
async function rowsRead(bin: RunningBin, { folder }: Folder): Promise<number> {
  const socketPath = path.join(folder, 'cryptopipe', `${bin.pid}.sock`);
  const [response] = (await once(get({ socketPath, path: '/status' }), 'response')) as [IncomingMessage];
  return ((await json(response)) as ProcessReport).jobs[0]!.pipelines[0]!.rowsIn;
}

/** Reads what an open dashboard reads; the function that ends it gives the bytes that came. */
function watch(url: string): () => number {
  let bytes = 0;
  const read = (path: string) =>
    get(url + path, (response) =>
      response.on('data', (part: Buffer) => {
        bytes += part.length;
      }),
    ).on('error', () => undefined);
  const streams = ['/dashboard/events', '/dashboard/rows?of=0/0', '/dashboard/rows?of=0/0/ticks'].map(read);
  const scrape = setInterval(() => read('/metrics'), 1000);
  read('/dashboard/history');
  return () => {
    clearInterval(scrape);
    for (const stream of streams) stream.destroy();
    return bytes;
  };
}

function rate(perSecond: number): string {
  return `${(perSecond / 1e6).toFixed(2)} M`;
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}
