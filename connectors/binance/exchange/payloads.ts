import type { Market, Trade } from './market.ts';

/** Binance writes every price and quantity as text with eight digits after the point. */
export function amount(value: number): string {
  return value.toFixed(8);
}

/** Payload of `<symbol>@trade`. */
export function tradePayload(symbol: string, trade: Trade, now: number) {
  return {
    e: 'trade',
    E: now,
    s: symbol,
    t: trade.id,
    p: amount(trade.price),
    q: amount(trade.quantity),
    T: trade.time,
    m: trade.buyerIsMaker,
    M: true,
  };
}

/** Payload of `<symbol>@miniTicker`. */
export function miniTickerPayload(market: Market, now: number) {
  const candle = market.rolling(now);
  return {
    e: '24hrMiniTicker',
    E: now,
    s: market.symbol,
    c: amount(candle.close),
    o: amount(candle.open),
    h: amount(candle.high),
    l: amount(candle.low),
    v: amount(candle.volume),
    q: amount(candle.quoteVolume),
  };
}

/** Payload of `<symbol>@bookTicker`: the only one without a time. */
export function bookTickerPayload({ symbol, ticker }: Market) {
  return {
    u: ticker.updateId,
    s: symbol,
    b: amount(ticker.bid),
    B: amount(ticker.bidQuantity),
    a: amount(ticker.ask),
    A: amount(ticker.askQuantity),
  };
}

/** Payload of `<symbol>@kline_<interval>`. */
export function klinePayload(
  market: Market,
  interval: string,
  start: number,
  length: number,
  now: number,
  end: boolean,
) {
  const candle = market.candle(interval, start, length);
  return {
    e: 'kline',
    E: now,
    s: market.symbol,
    k: {
      t: start,
      T: start + length - 1,
      s: market.symbol,
      i: interval,
      f: candle.firstId,
      L: candle.lastId,
      o: amount(candle.open),
      c: amount(candle.close),
      h: amount(candle.high),
      l: amount(candle.low),
      v: amount(candle.volume),
      n: candle.trades,
      x: end,
      q: amount(candle.quoteVolume),
      V: amount(candle.takerVolume),
      Q: amount(candle.takerQuoteVolume),
      B: '0',
    },
  };
}

/** An entry of exchangeInfo's `symbols`. */
export function symbolInfo(symbol: string, status: 'TRADING' | 'BREAK') {
  const quoteAsset = symbol.endsWith('USDT') ? 'USDT' : symbol.slice(-3);
  return {
    symbol,
    status,
    baseAsset: symbol.slice(0, -quoteAsset.length),
    baseAssetPrecision: 8,
    quoteAsset,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    orderTypes: ['LIMIT', 'MARKET'],
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
      { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
    ],
    permissions: ['SPOT'],
  };
}
