import type { BoardRow } from './board.ts';

/** `BTC 64,250.01 (3 ms)`: the newest price and how long after its event it was in the database. */
export function priceText({ values, committedAt }: BoardRow): string {
  return `${values.topic} ${money(values.price)} (${latency(values, committedAt)} ms)`;
}

export function priceTable(rows: readonly BoardRow[]): string[] {
  return [
    'topic  symbol           price  event time                latency',
    ...rows.map(({ values, committedAt }) =>
      [
        values.topic!.padEnd(5),
        values.symbol!.padEnd(9),
        money(values.price).padStart(12),
        values.event_time,
        `${latency(values, committedAt)} ms`.padStart(7),
      ].join('  '),
    ),
  ];
}

/** `13:35 BTCUSDT 64,300.00 (64,100.00 … 64,350.00)`: a candle's minute, close, low and high. */
export function candleText({ values }: BoardRow): string {
  return `${minute(values.window_start)} ${values.symbol} ${money(values.close_price)} (${money(values.low_price)} … ${money(values.high_price)})`;
}

export function candleTable(rows: readonly BoardRow[]): string[] {
  const prices = ['open_price', 'high_price', 'low_price', 'close_price', 'vwap'] as const;
  return [
    'minute symbol             open          high           low         close          vwap  trades',
    ...rows.map(({ values }) =>
      [
        minute(values.window_start).padEnd(6),
        `${values.symbol!.padEnd(9)}`,
        ...prices.map((name) => money(values[name]).padStart(13)),
        values.trades!.padStart(7),
      ].join(' '),
    ),
  ];
}

/** `13:30 SOLUSDT +1.23 %, BNBUSDT -0.80 %`: the newest five minutes. */
export function moversText(rows: readonly BoardRow[]): string {
  const newest = rows.reduce(
    (latest, { values }) => (values.window_start! > latest ? values.window_start! : latest),
    '',
  );
  const movers = rows.filter(({ values }) => values.window_start === newest);
  return `${minute(newest)} ${movers.map(({ values }) => `${values.symbol} ${signed(values.move_percent)} %`).join(', ')}`;
}

/** `13:34:50 BNBUSDT 2.31 % down (586.11 … 600.02)`: a move within five minutes, and between which prices. */
export function alertText({ values }: BoardRow): string {
  const between = `${money(values.low_price)} … ${money(values.high_price)}`;
  return `${values.window_end!.slice(11, 19)} ${values.symbol} ${values.move_percent} % ${values.direction} (${between})`;
}

function latency(values: BoardRow['values'], committedAt: number): number {
  // The exchange's clock may be ahead by a few milliseconds.
  return Math.max(0, committedAt - Date.parse(`${values.event_time!.replace(' ', 'T')}Z`));
}

function money(text: string | undefined): string {
  return Number(text).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 4 });
}

function minute(timestamp: string | undefined): string {
  return timestamp?.slice(11, 16) ?? '';
}

function signed(percent: string | undefined): string {
  return percent?.startsWith('-') ? percent : `+${percent}`;
}
