import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Observer, PipelineStatus } from '../../engine/index.ts';
import { ExitCode } from '../exit.ts';
import { packageFolder } from '../package.ts';
import { startJobs } from '../start-jobs.ts';
import { Board, type BoardRow } from './board.ts';
import { alertText, candleTable, candleText, moversText, priceTable, priceText } from './texts.ts';

const files = ['binance_to_kafka', 'crypto_prices', 'trades_to_kafka', 'candles', 'top_movers', 'price_alerts'];
const REFRESH = { terminal: 250, lines: 1000 } as const;
/** Trades of so many milliseconds are there at the start: candles, and what moved in a whole five minutes. */
const HISTORY = 11 * 60_000;

export interface DemoOptions {
  readonly live: boolean;
  readonly folder: string | undefined;
}

/** What is shown, by the sink that it is written to. */
interface Boards {
  readonly crypto_prices: Board;
  readonly candles_1m: Board;
  readonly top_movers: Board;
  readonly price_alerts: Board;
}

/** The shipped jobs on the embedded servers, and the rows that arrive in PostgreSQL, until a signal. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const boards: Boards = {
    crypto_prices: new Board('topic', 'symbol'),
    candles_1m: new Board('symbol'),
    top_movers: new Board('place'),
    price_alerts: new Board('symbol'),
  };
  const jobs = files.map((name) => {
    const file = `jobs/${name}.sql`;
    return { file, text: readFileSync(new URL(file, packageFolder), 'utf8') };
  });
  const terminal = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const checkpointFolder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-demo-'));
  try {
    const started = await startJobs(jobs, {
      embedded: {
        exchange: !options.live,
        history: HISTORY,
        ...(options.folder === undefined ? {} : { folder: options.folder }),
      },
      settings: new Map(),
      createTables: true,
      fresh: true,
      checkpointFolder,
      log: { format: terminal ? 'pretty' : 'json', level: terminal ? 'error' : 'warn' },
      observer: observe(boards),
    });
    if (started === undefined) {
      process.exitCode = ExitCode.found;
      return;
    }
    process.stdout.write(
      `prices and trades: ${options.live ? 'Binance' : 'simulated exchange'} → Kafka ${started.embedded!.kafka} → SQL → PostgreSQL\n` +
        `look yourself: psql ${started.embedded!.postgres} -c 'SELECT * FROM machine.crypto_prices'\n` +
        'also there: machine.candles_1m, machine.candles_1h, machine.top_movers, machine.price_alerts\n' +
        'stop with Ctrl-C\n\n',
    );
    const hide = terminal ? showTables(boards, started.pipelines) : showLines(boards);
    await started.done;
    hide();
  } finally {
    rmSync(checkpointFolder, { recursive: true, force: true });
  }
}

/** Rows are shown once they are in the database. */
function observe(boards: Boards): Observer {
  const boardOf = (name: string) => (Object.hasOwn(boards, name) ? boards[name as keyof Boards] : undefined);
  return {
    written: ({ name, fields }, batch) => boardOf(name)?.written(fields, batch),
    committing: ({ name }) => boardOf(name)?.committing(),
    committed: ({ name }) => boardOf(name)?.committed(Date.now()),
  };
}

/** Draws the tables over those from before; ends it by the function that is returned. */
function showTables(boards: Boards, pipelines: readonly PipelineStatus[]): () => void {
  let drawn = 0;
  const timer = setInterval(() => {
    if (boards.crypto_prices.commits === 0) return;
    // A line that wraps would be two to draw over.
    const width = (process.stdout.columns ?? 80) - 1;
    const lines = tables(boards, pipelines).map((line) => line.slice(0, width));
    process.stdout.write(`${drawn === 0 ? '' : `\x1b[${drawn}A`}${lines.map((line) => `\x1b[2K${line}\n`).join('')}`);
    drawn = lines.length;
  }, REFRESH.terminal);
  return () => clearInterval(timer);
}

function tables(boards: Boards, pipelines: readonly PipelineStatus[]): string[] {
  const rows = pipelines.reduce((sum, p) => sum + p.rowsOut, 0);
  const section = (board: Board, of: (rows: BoardRow[]) => string[]) => (board.commits === 0 ? [] : of(board.rows()));
  return [
    ...priceTable(boards.crypto_prices.rows()),
    ...section(boards.candles_1m, (candles) => ['', ...candleTable(candles)]),
    ...section(boards.top_movers, (movers) => ['', `top movers of five minutes: ${moversText(movers)}`]),
    ...section(boards.price_alerts, (alerts) => ['', ...alerts.map((alert) => `alert: ${alertText(alert)}`)]),
    '',
    `${rows.toLocaleString('en-US')} rows written`,
  ];
}

/** A line of prices each second, and one for whatever else is new. */
function showLines(boards: Boards): () => void {
  const { crypto_prices: prices, candles_1m: candles, top_movers: movers, price_alerts: alerts } = boards;
  const seen = new Map<Board, number>();
  const isNew = (board: Board) => board.commits !== (seen.get(board) ?? 0);
  const timer = setInterval(() => {
    const lines: string[] = [];
    if (prices.commits > 0) lines.push(prices.rows().map(priceText).join('  '));
    if (isNew(candles)) lines.push(`candles: ${candles.rows().map(candleText).join('  ')}`);
    if (isNew(movers)) lines.push(`top movers of five minutes: ${moversText(movers.rows())}`);
    if (isNew(alerts)) lines.push(...alerts.rows().map((alert) => `alert: ${alertText(alert)}`));
    for (const board of [candles, movers, alerts]) seen.set(board, board.commits);
    for (const line of lines) process.stdout.write(`${line}\n`);
  }, REFRESH.lines);
  return () => clearInterval(timer);
}
