import type { TestMessage } from '../servers/index.ts';

/** The topics of jobs/crypto_prices.sql. */
export const TOPICS = ['BTC', 'SOL', 'BNB'] as const;
export type Topic = (typeof TOPICS)[number];

/** A message of one of the topics. Keyed by symbol, so that the broker keeps the order of each row's updates. */
export interface Tick extends TestMessage {
  readonly topic: Topic;
}

/**
 * The seed's messages as Binance and others write them, each odd way under a symbol of its own, between a few hundred
 * ordinary ones. `flink-answer.json` holds what Apache Flink 2.2.1 makes of them (`ask-flink.ts`).
 */
export function oddTicks(): Tick[] {
  const time = 1_700_000_000_123;
  const odd: [symbol: string, json: string][] = [
    ['NUMBER', `{"symbol":"NUMBER","price":64250.01,"event_time_ms":${time}}`],
    ['STRING', `{"symbol":"STRING","price":"64250.01","event_time_ms":${time}}`],
    ['EXPONENT', `{"symbol":"EXPONENT","price":"6.425e4","event_time_ms":${time}}`],
    ['SPACES', `{"symbol":"SPACES","price":" 1.5 ","event_time_ms":${time}}`],
    ['INTEGER', `{"symbol":"INTEGER","price":7,"event_time_ms":${time}}`],
    ['NEGATIVE', `{"symbol":"NEGATIVE","price":-0.25,"event_time_ms":${time}}`],
    ['TINY', `{"symbol":"TINY","price":4.9e-324,"event_time_ms":${time}}`],
    ['HUGE', `{"symbol":"HUGE","price":"1.7976931348623157E308","event_time_ms":${time}}`],
    ['DIGITS', `{"symbol":"DIGITS","price":0.1234567890123456789,"event_time_ms":${time}}`],
    ['NULLPRICE', `{"symbol":"NULLPRICE","price":null,"event_time_ms":${time}}`],
    ['NOPRICE', `{"symbol":"NOPRICE","event_time_ms":${time}}`],
    ['NOTIME', `{"symbol":"NOTIME","price":1}`],
    ['NULLTIME', `{"symbol":"NULLTIME","price":1,"event_time_ms":null}`],
    ['ATLIMIT', `{"symbol":"ATLIMIT","price":1,"event_time_ms":1000000000000}`],
    ['OVERLIMIT', `{"symbol":"OVERLIMIT","price":1,"event_time_ms":1000000000001}`],
    ['SECONDS', `{"symbol":"SECONDS","price":1,"event_time_ms":1700000000}`],
    ['BEFORE1970', `{"symbol":"BEFORE1970","price":1,"event_time_ms":-1700000000000}`],
    ['STRINGTIME', `{"symbol":"STRINGTIME","price":1,"event_time_ms":"${time}"}`],
    ['FLOATTIME', `{"symbol":"FLOATTIME","price":1,"event_time_ms":1700000000123.9}`],
    ['ORDER', `{"event_time_ms":${time},"price":"3","symbol":"ORDER"}`],
    ['EXTRA', `{"e":"trade","symbol":"EXTRA","bids":[[1,"2"],{}],"price":"4","x":{"price":5},"event_time_ms":${time}}`],
    ['WHITESPACE', `  {\n"symbol" : "WHITESPACE" ,\t"price" : 5 , "event_time_ms" : ${time} }\n`],
    ['TWICE', `{"symbol":"TWICE","price":1,"price":2,"event_time_ms":${time}}`],
    ['ESCAPED', `{"symbol":"\\u0045SCAPED \\"\\\\\\/\\n\\u00e9","price":1,"event_time_ms":${time}}`],
    ['UNICODE', `{"symbol":"ÜNÏCÖDE 比特币 🚀","price":1,"event_time_ms":${time}}`],
    ['EMPTY', `{"symbol":"","price":1,"event_time_ms":${time}}`],
    ['12345', `{"symbol":12345,"price":1,"event_time_ms":${time}}`],
    ['YEAR9999', `{"symbol":"YEAR9999","price":1,"event_time_ms":253402300799999}`],
  ];
  const random = seeded(20_261_124);
  const ticks: Tick[] = odd.flatMap(([key, value]) => TOPICS.slice(0, 1).map((topic) => ({ topic, key, value })));
  for (let i = 0; i < 300; i++) {
    const topic = TOPICS[Math.floor(random() * 3)]!;
    const symbol = `${topic}${['USDT', 'EUR', 'BTC'][Math.floor(random() * 3)]}`;
    const price = (20_000 + random() * 50_000).toFixed(2);
    const late = random() < 0.05;
    const millis = late ? Math.floor(random() * 1e12) : time + i * 500 + Math.floor(random() * 500);
    const value = `{"symbol":"${symbol}","price":${random() < 0.5 ? price : `"${price}"`},"event_time_ms":${millis}}`;
    ticks.splice(Math.floor(random() * ticks.length), 0, { topic, key: symbol, value });
  }
  return ticks;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
