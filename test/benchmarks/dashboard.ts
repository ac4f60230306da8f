import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { setFolder } from '../end-to-end/scene.ts';
import { until } from '../servers/index.ts';

/**
 * What watching costs: one run whose rows are counted in turns of a few seconds, with nobody looking and with the
 * dashboard's events, rows of source and sink open and `/metrics` scraped every second. The reader of the dashboard is
 * this process, as a browser on another machine would be. Turns alternate, so that a busy machine slows both; the
 * figure is the median of the ratios of neighbours. `TURNS` and `SECONDS` change the numbers.
 */
const TURNS = Number(process.env.TURNS ?? 10);
const SECONDS = Number(process.env.SECONDS ?? 4);

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
  const turn = async (): Promise<number> => {
    const [before, from] = [await rowsRead(url), performance.now()];
    await sleep(SECONDS * 1000);
    return ((await rowsRead(url)) - before) / ((performance.now() - from) / 1000);
  };
  await sleep(3000);
  const ratios: number[] = [];
  for (let i = 0; i < TURNS; i++) {
    const alone = await turn();
    const end = watch(url);
    const watched = await turn();
    expect(end()).toBeGreaterThan(0);
    ratios.push(watched / alone);
    process.stdout.write(
      `${rate(alone)} rows/s alone, ${rate(watched)} with dashboard and metrics: ${percent(watched / alone)}\n`,
    );
  }
  ratios.sort((a, b) => a - b);
  process.stdout.write(`median ${percent(ratios[ratios.length >> 1]!)}\n`);
});

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
