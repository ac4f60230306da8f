/** The messages of a case: text of message `i`, always the same for the same seed; all have `event_time_ms`. */
export type MakeMessage = (i: number) => string;

/** Numbers from 0 to 2³²−1 that look random, the same for the same `i`. */
function scatter(i: number): number {
  let h = Math.imul(i ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** `event_time_ms` of message 0; each message is a millisecond later than the one before. */
export const FIRST_TIME = 1_700_000_000_000;
const price = (i: number): string => (60_000 + (scatter(i) % 999_983) / 100).toFixed(2);

/** About 70 bytes, price as a string, as the exchange's producer writes them; one symbol a topic. */
export const seedMessage: MakeMessage = (i) =>
  `{"symbol":"BTCUSDT","price":"${price(i)}","event_time_ms":${FIRST_TIME + i}}`;

/** The same, each with a symbol of its own. */
export const distinctMessage: MakeMessage = (i) =>
  `{"symbol":"TRADE-${i}","price":"${price(i)}","event_time_ms":${FIRST_TIME + i}}`;

/** About 1 kB with 30 fields, of which the job reads 4. */
export const wideMessage: MakeMessage = (i) => {
  const fields = Array.from({ length: 26 }, (_, f) => `"field_${f}":"${'x'.repeat(18)}${scatter(i + f) % 1e6}"`);
  fields.splice(3, 0, `"symbol":"BTCUSDT"`);
  fields.splice(11, 0, `"price":"${price(i)}"`);
  fields.splice(20, 0, `"event_time_ms":${FIRST_TIME + i}`);
  fields.splice(28, 0, `"exchange":"binance"`);
  return `{${fields.join(',')}}`;
};

/** Keys in changing order, escapes and nested objects: what leaves a decoder's fast path. */
export const oddMessage: MakeMessage = (i) => {
  const fields = [
    `"symbol":"BTC\\u0055SDT"`,
    `"price":"${price(i)}"`,
    `"event_time_ms":${FIRST_TIME + i}`,
    `"meta":{"a":[1,2,{"b":"\\"quoted\\" \\n text"}],"c":null}`,
  ];
  const turn = scatter(i) % fields.length;
  return `{${[...fields.slice(turn), ...fields.slice(0, turn)].join(', ')}}`;
};
