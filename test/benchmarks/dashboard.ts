import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { setFolder } from '../end-to-end/scene.ts';
import { until } from '../servers/index.ts';

/**
 * What watching costs: one run whose rows are counted in turns of a few seconds, with nobody looking and with the
 * dashboard's events, rows of source and sink open and `/metrics` scraped every second. The reader of the dashboard is
 * this process, as a browser on another machine would be. Turns alternate, and the figures are medians of the ratios of
 * neighbours: of rows a second, which other work on the machine disturbs, and what looking costs of a processor, for looking
 * costs the same whether the job has a whole one or gets a tenth of it. `TURNS` and `SECONDS` change the numbers.
 */
const TURNS = Number(process.env.TURNS ?? 20);
const SECONDS = Number(process.env.SECONDS ?? 3);

const JOB = `
  SET 'pipeline.name' = 'watched';
  CREATE TABLE ticks (symbol STRING, price DOUBLE, amount INT) WITH (
    'connector' = 'datagen', 'rows-per-second' = '100000000', 'fields.symbol.length' = '3');
  CREATE TABLE nowhere (symbol STRING, price DOUBLE, cost DOUBLE) WITH ('connector' = 'blackhole');
  INSERT INTO nowhere SELECT symbol, price, price * amount FROM ticks WHERE amount > 0;`;

it('throughput while somebody looks', async () => {
  const scene = setFolder();
  const bin = scene.start(['run', scene.write('job.sql', JOB), '--port', '0'], { XDG_RUNTIME_DIR: scene.folder });
  await until('the server', async () => bin.stderr.includes('"url"'));
  const url = /"url":"([^"]+)"/.exec(bin.stderr)![1]!;
  const turn = async () => {
    const [rows, cpu, from] = [await rowsRead(url), bin.cpu(), performance.now()];
    await sleep(SECONDS * 1000);
    const more = (await rowsRead(url)) - rows;
    const seconds = (performance.now() - from) / 1000;
    return {
      perSecond: more / seconds,
      perCpu: (more / (bin.cpu() - cpu)) * 1000,
      cpu: (bin.cpu() - cpu) / 1000 / seconds,
    };
  };
  await sleep(3000);
  const perSecond: number[] = [];
  const costs: number[] = [];
  for (let i = 0; i < TURNS; i++) {
    const alone = await turn();
    const end = watch(url);
    const watched = await turn();
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

async function rowsRead(url: string): Promise<number> {
  const report = (await (await fetch(`${url}/status`)).json()) as { jobs: { pipelines: { rowsIn: number }[] }[] };
  return report.jobs[0]!.pipelines[0]!.rowsIn;
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
