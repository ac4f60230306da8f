import { klineIntervals } from './kline-intervals.ts';
import type { Market, Trade } from './market.ts';
import { bookTickerPayload, klinePayload, miniTickerPayload, tradePayload } from './payloads.ts';

/** A payload and the stream that it belongs to. */
export interface StreamEvent {
  readonly stream: string;
  readonly payload: unknown;
}

/** Binance sends mini tickers and klines this often, in milliseconds. */
const slow = 1000;

/** What one trade and the passing of time give on the streams of one symbol. */
export class SymbolStreams {
  readonly #market: Market;
  readonly #prefix: string;
  /** Kline interval → start of the candle that was told last. */
  readonly #klines = new Map<string, number>();
  #slowAt = 0;

  constructor(market: Market) {
    this.#market = market;
    this.#prefix = market.symbol.toLowerCase();
  }

  /** The events after `trade`; klines only of the intervals that someone asked for. */
  *after(trade: Trade, now: number, intervals: ReadonlySet<string>): Generator<StreamEvent> {
    const market = this.#market;
    yield { stream: `${this.#prefix}@trade`, payload: tradePayload(market.symbol, trade, now) };
    yield { stream: `${this.#prefix}@bookTicker`, payload: bookTickerPayload(market) };
    const due = now - this.#slowAt >= slow || now < this.#slowAt;
    if (due) {
      this.#slowAt = now;
      yield { stream: `${this.#prefix}@miniTicker`, payload: miniTickerPayload(market, now) };
    }
    for (const interval of intervals) yield* this.#kline(interval, now, due);
  }

  *#kline(interval: string, now: number, due: boolean): Generator<StreamEvent> {
    const length = klineIntervals.get(interval);
    if (length === undefined) return;
    const start = now - (now % length);
    const stream = `${this.#prefix}@kline_${interval}`;
    const before = this.#klines.get(interval);
    if (before !== undefined && before !== start) {
      yield { stream, payload: klinePayload(this.#market, interval, before, length, now, true) };
    }
    this.#klines.set(interval, start);
    if (due || before !== start) {
      yield { stream, payload: klinePayload(this.#market, interval, start, length, now, false) };
    }
  }
}
