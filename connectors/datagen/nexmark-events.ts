import type { Scalar, TypeKind } from '../../engine/types/data-type.ts';
import { Random } from './random.ts';

/** How many of each kind of event come in a round, in this order. */
export interface Proportions {
  readonly person: number;
  readonly auction: number;
  readonly bid: number;
}

export type EventKind = keyof Proportions;

export interface NexmarkSettings {
  readonly proportions: Proportions;
  /** Events of a second of event time. */
  readonly rate: number;
  readonly seed: number;
}

/** The fields of each kind of event and what they hold. */
export const eventFields: Readonly<Record<EventKind, Readonly<Record<string, TypeKind>>>> = {
  person: {
    id: 'BIGINT',
    name: 'VARCHAR',
    emailAddress: 'VARCHAR',
    creditCard: 'VARCHAR',
    city: 'VARCHAR',
    state: 'VARCHAR',
    dateTime: 'TIMESTAMP',
    extra: 'VARCHAR',
  },
  auction: {
    id: 'BIGINT',
    itemName: 'VARCHAR',
    description: 'VARCHAR',
    initialBid: 'BIGINT',
    reserve: 'BIGINT',
    dateTime: 'TIMESTAMP',
    expires: 'TIMESTAMP',
    seller: 'BIGINT',
    category: 'BIGINT',
    extra: 'VARCHAR',
  },
  bid: {
    auction: 'BIGINT',
    bidder: 'BIGINT',
    price: 'BIGINT',
    channel: 'VARCHAR',
    url: 'VARCHAR',
    dateTime: 'TIMESTAMP',
    extra: 'VARCHAR',
  },
};

const FIRST_ID = 1000;
const FIRST_CATEGORY = 10;
const CATEGORIES = 5;
/** One in so many ids is a hot one; of the others only the newest take part. */
const HOT_EVERY = 100;
const ACTIVE_AUCTIONS = 100;
const ACTIVE_PEOPLE = 1000;
const START = Date.UTC(2024, 0, 1);

const states = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'];
const cities = [
  'Phoenix',
  'Los Angeles',
  'San Francisco',
  'Boise',
  'Portland',
  'Bend',
  'Redmond',
  'Seattle',
  'Kent',
  'Cheyenne',
];
const firstNames = ['Peter', 'Paul', 'Luke', 'John', 'Saul', 'Vicky', 'Kate', 'Julie', 'Sarah', 'Deiter', 'Walter'];
const lastNames = ['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels', 'Walton', 'Smith', 'Jones', 'Noris'];
const hotChannels = ['Google', 'Facebook', 'Baidu', 'Apple'];

/** Makes the events of an auction site, as the Nexmark benchmark describes them: the same for the same number and seed. */
export class NexmarkEvents {
  readonly #settings: NexmarkSettings;
  readonly #round: number;
  readonly #random: Random;

  constructor(settings: NexmarkSettings) {
    const { person, auction, bid } = settings.proportions;
    this.#settings = settings;
    this.#round = person + auction + bid;
    this.#random = new Random(settings.seed);
  }

  kindOf(n: number): EventKind {
    const { person, auction } = this.#settings.proportions;
    const place = n % this.#round;
    if (place < person) return 'person';
    return place < person + auction ? 'auction' : 'bid';
  }

  /** Event `n`, by the names of `eventFields`; times in microseconds. */
  event(n: number): Readonly<Record<string, Scalar>> {
    this.#random.at(n, 0);
    const millis = START + Math.floor((n * 1000) / this.#settings.rate);
    switch (this.kindOf(n)) {
      case 'person':
        return this.#person(n, millis);
      case 'auction':
        return this.#auction(n, millis);
      case 'bid':
        return this.#bid(n, millis);
    }
  }

  #person(n: number, millis: number) {
    const r = this.#random;
    return {
      id: BigInt(FIRST_ID + this.#persons(n) - 1),
      name: `${pick(r, firstNames)} ${pick(r, lastNames)}`,
      emailAddress: `${word(r, 7)}@${word(r, 5)}.com`,
      creditCard: Array.from({ length: 4 }, () => String(r.below(10_000)).padStart(4, '0')).join(' '),
      city: pick(r, cities),
      state: pick(r, states),
      dateTime: micros(millis),
      extra: word(r, 20 + r.below(80)),
    };
  }

  #auction(n: number, millis: number) {
    const r = this.#random;
    const initialBid = price(r);
    const persons = this.#persons(n);
    return {
      id: BigInt(FIRST_ID + this.#auctions(n) - 1),
      itemName: word(r, 1 + r.below(20)),
      description: word(r, 1 + r.below(100)),
      initialBid: BigInt(initialBid),
      reserve: BigInt(initialBid + price(r)),
      dateTime: micros(millis),
      expires: micros(millis + 1 + r.below((2 * ACTIVE_AUCTIONS * this.#round * 1000) / this.#settings.rate)),
      seller: BigInt(FIRST_ID + (r.below(4) > 0 ? hot(persons) : recent(r, persons, ACTIVE_PEOPLE))),
      category: BigInt(FIRST_CATEGORY + r.below(CATEGORIES)),
      extra: word(r, 20 + r.below(80)),
    };
  }

  #bid(n: number, millis: number) {
    const r = this.#random;
    const auctions = this.#auctions(n);
    const persons = this.#persons(n);
    const isHot = r.below(2) > 0;
    const number = r.below(10_000);
    const address = `https://www.nexmark.com/${word(r, 5)}/${word(r, 5)}/${word(r, 5)}/item.htm?query=1`;
    return {
      auction: BigInt(FIRST_ID + (r.below(2) > 0 ? hot(auctions) : recent(r, auctions, ACTIVE_AUCTIONS))),
      bidder: BigInt(FIRST_ID + (r.below(4) > 0 ? hot(persons) : recent(r, persons, ACTIVE_PEOPLE))),
      price: BigInt(price(r)),
      channel: isHot ? pick(r, hotChannels) : `channel-${number}`,
      url: isHot || r.below(10) === 0 ? address : `${address}&channel_id=${number}`,
      dateTime: micros(millis),
      extra: word(r, 20 + r.below(80)),
    };
  }

  /** People up to event `n`, at least one. */
  #persons(n: number): number {
    const { person } = this.#settings.proportions;
    return Math.max(1, Math.floor(n / this.#round) * person + Math.min((n % this.#round) + 1, person));
  }

  /** Auctions up to event `n`, at least one: the first bids may come before theirs. */
  #auctions(n: number): number {
    const { person, auction } = this.#settings.proportions;
    const inRound = Math.min(Math.max(0, (n % this.#round) + 1 - person), auction);
    return Math.max(1, Math.floor(n / this.#round) * auction + inRound);
  }
}

/** The newest of the numbers below `count` that most take. */
function hot(count: number): number {
  return Math.floor((count - 1) / HOT_EVERY) * HOT_EVERY;
}

function recent(random: Random, count: number, active: number): number {
  return count - 1 - random.below(Math.min(count, active));
}

/** In cents, from 100 to 100 000 000, small ones as likely as large ones. */
function price(random: Random): number {
  return Math.round(100 * 10 ** (random.unit() * 6));
}

function word(random: Random, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(97 + random.below(26));
  return text;
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)]!;
}

function micros(millis: number): bigint {
  return BigInt(millis) * 1000n;
}
