import { createRandom, gauss, type Random } from './random.ts';

/** One trade. Times are milliseconds since 1970, price and quantity plain numbers. */
export interface Trade {
  readonly id: number;
  readonly price: number;
  readonly quantity: number;
  readonly time: number;
  readonly buyerIsMaker: boolean;
}

/** What is known of a symbol. */
export interface Ticker {
  readonly price: number;
  readonly bid: number;
  readonly bidQuantity: number;
  readonly ask: number;
  readonly askQuantity: number;
  readonly updateId: number;
}

/** Open, high, low, close and volumes of the trades in a span of time. */
export interface Candle {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly quoteVolume: number;
  readonly takerVolume: number;
  readonly takerQuoteVolume: number;
  readonly trades: number;
  readonly firstId: number;
  readonly lastId: number;
}

interface Span {
  readonly start: number;
  readonly length: number;
  candle: Candle;
}

const day = 86_400_000;

/** The smallest step of prices and of quantities. */
const priceStep = 0.01;
const quantityStep = 0.00001;

/** How far a price goes in one trade, and how strongly it is drawn back to where it began. */
const volatility = 0.0003;
const homesickness = 0.0005;

/** One symbol: a random walk of its price, trade by trade. */
export class Market {
  readonly symbol: string;
  readonly #random: Random;
  readonly #home: number;
  #distance = 0;
  #last: Trade;
  #ticker: Ticker;
  readonly #candles = new Map<string, Span>();

  constructor(symbol: string, price: number, seed: number, now: number) {
    this.symbol = symbol;
    this.#random = createRandom(seed ^ hash(symbol));
    this.#home = price;
    this.#last = { id: 0, price, quantity: quantityStep, time: now, buyerIsMaker: false };
    this.#ticker = this.#quote(price, 0);
  }

  get last(): Trade {
    return this.#last;
  }

  get ticker(): Ticker {
    return this.#ticker;
  }

  /** The next trade. */
  trade(now: number): Trade {
    this.#distance += volatility * gauss(this.#random) - homesickness * this.#distance;
    const price = Math.max(priceStep, round(this.#home * Math.exp(this.#distance), priceStep));
    const quantity = round(quantityStep + (this.#random() ** 4 * 1000) / this.#home, quantityStep);
    this.#last = { id: this.#last.id + 1, price, quantity, time: now, buyerIsMaker: this.#random() < 0.5 };
    this.#ticker = this.#quote(price, this.#ticker.updateId + 1 + Math.floor(this.#random() * 20));
    for (const span of this.#candles.values()) {
      if (now < span.start + span.length) span.candle = extend(span.candle, this.#last);
    }
    return this.#last;
  }

  /** The candle of the `length` milliseconds from `start` on; `key` names who asks, for each has spans of its own. */
  candle(key: string, start: number, length: number): Candle {
    const known = this.#candles.get(key);
    if (known !== undefined && known.start === start) return known.candle;
    const { price } = this.#last;
    const none: Candle = { ...empty, open: price, high: price, low: price, close: price };
    const candle = this.#last.time >= start ? extend(none, this.#last) : none;
    this.#candles.set(key, { start, length, candle });
    return candle;
  }

  /** The last 24 hours; in truth since the exchange was opened that day. */
  rolling(now: number): Candle {
    return this.candle('24h', now - (now % day), day);
  }

  #quote(price: number, updateId: number): Ticker {
    const spread = Math.max(priceStep, round(price * 0.00001, priceStep));
    return {
      price,
      bid: round(price - spread / 2, priceStep),
      bidQuantity: round(this.#random() * 10, quantityStep),
      ask: round(price + spread, priceStep),
      askQuantity: round(this.#random() * 10, quantityStep),
      updateId,
    };
  }
}

const empty = {
  volume: 0,
  quoteVolume: 0,
  takerVolume: 0,
  takerQuoteVolume: 0,
  trades: 0,
  firstId: -1,
  lastId: -1,
} as const;

function extend(candle: Candle, trade: Trade): Candle {
  const quote = trade.price * trade.quantity;
  const taken = trade.buyerIsMaker ? 0 : 1;
  return {
    open: candle.trades === 0 ? trade.price : candle.open,
    high: candle.trades === 0 ? trade.price : Math.max(candle.high, trade.price),
    low: candle.trades === 0 ? trade.price : Math.min(candle.low, trade.price),
    close: trade.price,
    volume: candle.volume + trade.quantity,
    quoteVolume: candle.quoteVolume + quote,
    takerVolume: candle.takerVolume + taken * trade.quantity,
    takerQuoteVolume: candle.takerQuoteVolume + taken * quote,
    trades: candle.trades + 1,
    firstId: candle.firstId < 0 ? trade.id : candle.firstId,
    lastId: trade.id,
  };
}

function round(value: number, step: number): number {
  return Math.round(value / step) * step;
}

/** FNV-1a: symbols walk apart under one seed. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
