import { describe, expect, it } from 'vitest';
import { NexmarkEvents } from '../../../connectors/datagen/nexmark-events.ts';
import { connectors } from '../../../connectors/index.ts';
import { check } from '../../../engine/index.ts';

const settings = { proportions: { person: 1, auction: 3, bid: 46 }, rate: 10_000, seed: 1 };

describe('events of Nexmark', () => {
  const events = new NexmarkEvents(settings);
  const all = Array.from({ length: 5000 }, (_, n) => ({ kind: events.kindOf(n), event: events.event(n) }));
  const of = (kind: string) => all.filter((each) => each.kind === kind).map((each) => each.event);

  it('come in rounds of one person, three auctions and 46 bids, ids counting up from 1000', () => {
    expect([of('person').length, of('auction').length, of('bid').length]).toEqual([100, 300, 4600]);
    expect(of('person').map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, i) => BigInt(1000 + i)));
    expect(of('auction').map(({ id }) => id)).toEqual(Array.from({ length: 300 }, (_, i) => BigInt(1000 + i)));
  });

  it('name only people and auctions that there are', () => {
    let persons = 0n;
    let auctions = 0n;
    for (const { kind, event } of all) {
      if (kind === 'person') persons++;
      if (kind === 'auction') {
        auctions++;
        expect(event.seller as bigint).toBeLessThan(1000n + persons);
      }
      if (kind === 'bid') {
        expect(event.auction as bigint).toBeLessThan(1000n + auctions);
        expect(event.bidder as bigint).toBeLessThan(1000n + persons);
      }
    }
  });

  it('are the same for a number and a seed, wherever making them begins', () => {
    expect(new NexmarkEvents(settings).event(4321)).toEqual(all[4321]!.event);
    expect(new NexmarkEvents({ ...settings, seed: 2 }).event(4321)).not.toEqual(all[4321]!.event);
  });

  it('grow in time with the rate', () => {
    const start = BigInt(Date.UTC(2024, 0, 1)) * 1000n;
    expect(events.event(0).dateTime).toBe(start);
    expect(events.event(4990).dateTime).toBe(start + 499_000n);
  });
});

describe('a nexmark table', () => {
  const problems = (columns: string) =>
    check(
      {
        file: 'job.sql',
        text: `CREATE TABLE ev (${columns}) WITH ('connector' = 'nexmark');
          CREATE TABLE printed (n INT) WITH ('connector' = 'print');
          INSERT INTO printed SELECT 1 FROM ev;`,
      },
      { registry: { connectors, formats: [] }, variables: () => undefined, settings: new Map() },
    ).diagnostics.map(({ message }) => message);

  it('has the columns of the events, of which it may leave out any', () => {
    expect(problems('event_type INT, bid ROW<price BIGINT, `dateTime` TIMESTAMP(3)>')).toEqual([]);
  });

  it('says which column or field there is not', () => {
    expect(problems('event_type STRING, bid ROW<cost BIGINT>')).toEqual([
      "'event_type STRING' is no column of the events",
      "'cost BIGINT' is no field of 'bid'",
    ]);
  });
});
