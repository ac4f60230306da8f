// Writes inputs/events.jsonl: events of an auction site as the Nexmark benchmark describes them, of 50 events one new
// person, three new auctions and 46 bids. The same seed gives the same bytes: node generate.js [events] [seed]
import { mkdirSync, writeFileSync } from 'node:fs';

const count = Number(process.argv[2] ?? 500);
let state = Number(process.argv[3] ?? 1) >>> 0;

const firstPerson = 1000;
const firstAuction = 1100;
const start = Date.UTC(2026, 0, 5);
const day = 24 * 60 * 60 * 1000;
const hotChannels = ['Google', 'Facebook', 'Baidu', 'Apple'];

const events = [];
let persons = 0;
let auctions = 0;
for (let i = 0; i < count; i++) {
  const dateTime = timestamp(start + Math.floor((i * day) / count) + below(1000));
  const place = i % 50;
  if (place === 0) events.push({ event_type: 0, person: person(dateTime) });
  else if (place <= 3) events.push({ event_type: 1, auction: auction(dateTime) });
  else events.push({ event_type: 2, bid: bid(dateTime) });
}
const folder = new URL('inputs/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('events.jsonl', folder), `${events.map((event) => JSON.stringify(event)).join('\n')}\n`);

function person(dateTime) {
  const id = firstPerson + persons++;
  return {
    id,
    name: word(8),
    emailAddress: `${word(6)}@${word(5)}.com`,
    city: word(7),
    state: word(2).toUpperCase(),
    dateTime,
    extra: word(8),
  };
}

function auction(dateTime) {
  const id = firstAuction + auctions++;
  const initialBid = price();
  return {
    id,
    itemName: word(10),
    initialBid,
    reserve: initialBid + price(),
    seller: firstPerson + below(persons),
    category: 10 + below(5),
    dateTime,
    extra: word(8),
  };
}

function bid(dateTime) {
  const folders = `https://www.nexmark.com/${word(4)}/${word(3)}/${word(5)}/item.htm?query=1`;
  const hot = below(2) === 0;
  const number = below(10_000);
  return {
    auction: firstAuction + below(auctions),
    bidder: firstPerson + below(persons),
    price: price(),
    channel: hot ? hotChannels[below(hotChannels.length)] : `channel-${number}`,
    url: hot || below(10) === 0 ? folders : `${folders}&channel_id=${number}`,
    dateTime,
    extra: word(4 + below(16)),
  };
}

/** In cents, from 100 to 100 000 000, small ones as likely as large ones. */
function price() {
  return Math.round(100 * 10 ** (random() * 6));
}

function timestamp(millis) {
  return new Date(millis).toISOString().slice(0, 23).replace('T', ' ');
}

function word(length) {
  return Array.from({ length }, () => 'abcdefghijklmnopqrstuvwxyz'[below(26)]).join('');
}

function below(limit) {
  return Math.floor(random() * limit);
}

/** The next of a repeatable sequence of numbers from 0 up to 1 (a 32-bit linear congruential generator). */
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}
