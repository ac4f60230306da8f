import { readFileSync } from 'node:fs';
import { type Observer, type PipelineStatus, rowsOf } from '../engine/index.ts';
import { ExitCode } from './exit.ts';
import { packageFolder } from './package.ts';
import { type Price, PriceBoard, type VisiblePrice } from './price-board.ts';
import { startJobs } from './start-jobs.ts';

const files = ['jobs/binance_to_kafka.sql', 'jobs/crypto_prices.sql'] as const;
const REFRESH = { terminal: 250, lines: 1000 } as const;

export interface DemoOptions {
  readonly live: boolean;
  readonly folder: string | undefined;
}

/** The shipped jobs on the embedded servers, and the prices that arrive in PostgreSQL, until a signal. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const board = new PriceBoard();
  const jobs = files.map((file) => ({ file, text: readFileSync(new URL(file, packageFolder), 'utf8') }));
  const terminal = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const started = await startJobs(jobs, {
    embedded: { exchange: !options.live, ...(options.folder === undefined ? {} : { folder: options.folder }) },
    settings: new Map(),
    createTables: true,
    fresh: true,
    log: { format: terminal ? 'pretty' : 'json', level: terminal ? 'error' : 'warn' },
    observer: observe(board),
  });
  if (started === undefined) {
    process.exitCode = ExitCode.found;
    return;
  }
  process.stdout.write(
    `prices: ${options.live ? 'Binance' : 'simulated exchange'} → Kafka ${started.embedded!.kafka} → SQL → PostgreSQL\n` +
      `look yourself: psql ${started.embedded!.postgres} -c 'SELECT * FROM machine.crypto_prices'\n` +
      'stop with Ctrl-C\n\n',
  );
  let lines = 0;
  const timer = setInterval(
    () => {
      const prices = board.prices();
      if (prices.length === 0) return;
      if (!terminal) {
        process.stdout.write(`${prices.map(priceText).join('  ')}\n`);
        return;
      }
      const table = tableText(prices, started.pipelines);
      process.stdout.write(`${lines === 0 ? '' : `\x1b[${lines}A`}${table.map((l) => `\x1b[2K${l}\n`).join('')}`);
      lines = table.length;
    },
    terminal ? REFRESH.terminal : REFRESH.lines,
  );
  await started.done;
  clearInterval(timer);
}

/** The prices pipeline is recognised by its columns: the producer's rows are not yet in the database. */
function observe(board: PriceBoard): Observer {
  const isPrices = (fields: readonly { name: string }[]) => fields.some((f) => f.name === 'event_time');
  return {
    written: ({ fields }, batch) => {
      if (!isPrices(fields)) return;
      const at = (name: string) => fields.findIndex((f) => f.name === name);
      const types = fields.map((f) => f.type);
      for (const row of rowsOf(types, batch)) {
        const eventTime = row[at('event_time')];
        if (typeof eventTime !== 'bigint') continue;
        board.written({
          topic: String(row[at('topic')]),
          symbol: String(row[at('symbol')]),
          price: Number(row[at('price')]),
          eventTime: Number(eventTime / 1000n),
        });
      }
    },
    committing: ({ fields }) => {
      if (isPrices(fields)) board.committing();
    },
    committed: ({ fields }) => {
      if (isPrices(fields)) board.committed(Date.now());
    },
  };
}

function priceText({ topic, price, latency }: VisiblePrice): string {
  return `${topic} ${money(price)} (${latency} ms)`;
}

function tableText(prices: readonly VisiblePrice[], pipelines: readonly PipelineStatus[]): string[] {
  const rows = pipelines.reduce((sum, p) => sum + p.rowsOut, 0);
  return [
    'topic  symbol           price  event time                latency',
    ...prices.map(
      (p) =>
        `${p.topic.padEnd(5)}  ${p.symbol.padEnd(9)}  ${money(p.price).padStart(12)}  ${time(p)}  ${`${p.latency} ms`.padStart(7)}`,
    ),
    `${rows.toLocaleString('en-US')} rows written`,
  ];
}

function money(price: number): string {
  return price.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 4 });
}

function time({ eventTime }: Price): string {
  return new Date(eventTime).toISOString().replace('T', ' ').replace('Z', '');
}
