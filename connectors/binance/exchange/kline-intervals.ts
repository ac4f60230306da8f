const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Binance's kline intervals that have one length, in milliseconds; weeks begin on Monday. */
export const klineIntervals: ReadonlyMap<string, number> = new Map([
  ['1s', second],
  ['1m', minute],
  ['3m', 3 * minute],
  ['5m', 5 * minute],
  ['15m', 15 * minute],
  ['30m', 30 * minute],
  ['1h', hour],
  ['2h', 2 * hour],
  ['4h', 4 * hour],
  ['6h', 6 * hour],
  ['8h', 8 * hour],
  ['12h', 12 * hour],
  ['1d', day],
  ['3d', 3 * day],
  ['1w', 7 * day],
]);
