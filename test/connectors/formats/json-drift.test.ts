import { describe, expect, it } from 'vitest';
import { json } from '../../../connectors/formats/json.ts';
import { type Scalar, type } from '../../../engine/types/data-type.ts';
import { decodeAll, fieldsOf, type JsonOptions, jsonOptions } from './json-harness.ts';

const types = { symbol: type.string(), price: type.double(), note: type.string() };

interface Read {
  readonly rows: readonly (readonly Scalar[])[];
  readonly errors: readonly string[];
  /** Each line of the log: its level, then the fields. */
  readonly told: readonly string[];
  readonly counted: number;
}

/** Reads messages as a table of `types` of which a job wants symbol and price. */
function read(messages: readonly string[], options: Partial<JsonOptions> = {}, files = false): Read {
  const told: string[] = [];
  let counted = 0;
  const write =
    (level: string) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
      expect(event).toBe('fields_unknown');
      expect(fields.table).toBe('ticks');
      told.push(`${level} ${String(fields.fields)}`);
    };
  const decoder = json.createDecoder!(fieldsOf(types), [0, 1], jsonOptions(options), {
    timeZone: 'UTC',
    files,
    id: 'ticks',
    log: { info: write('info'), warn: write('warn') },
    counters: {
      add(name, amount) {
        expect(name).toBe('fields_unknown');
        counted += amount;
      },
    },
  });
  return { ...decodeAll(decoder, [types.symbol, types.price], messages), told, counted };
}

const usual = '{"symbol":"a","price":1}';
const many = (message: string, count: number) => new Array<string>(count).fill(message);

describe('a new field of messages', () => {
  it('is passed over, counted and told once, also after thousands of messages without it', () => {
    const changed = '{"symbol":"b","venue":"x","price":2,"tier":{"deep":1}}';
    const all = [...many(usual, 5000), ...many(changed, 100), usual, ...many('{"venue":1,"symbol":"c"}', 10)];
    const { rows, errors, told, counted } = read(all);
    expect(errors).toEqual([]);
    expect(rows.slice(4999, 5001)).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(rows.at(-1)).toEqual(['c', null]);
    expect(told).toEqual(['warn venue,tier']);
    expect(counted).toBe(2);
  });

  it('in a single message among others is seen', () => {
    expect(read([...many(usual, 10), '{"symbol":"a","price":1,"extra":0}', ...many(usual, 10)]).told).toEqual([
      'warn extra',
    ]);
  });

  it('that the first message has already is no news, but is told', () => {
    const first = '{"symbol":"a","venue":"x","price":1}';
    expect(read(many(first, 20)).told).toEqual(['info venue']);
    expect(read([first, '{"symbol":"a","price":1,"extra":0}']).told).toEqual(['info venue', 'warn extra']);
  });

  it('is none that the table declares, wanted or not, from Kafka and from files', () => {
    const whole = '{"symbol":"a","price":1,"note":"n"}';
    expect(read(many(whole, 5)).told).toEqual([]);
    expect(read(many(whole, 5), {}, true).told).toEqual([]);
  });

  it('is told for a hundred names at most, each cut where it is long: names may be data', () => {
    const messages = Array.from({ length: 300 }, (_, i) => `{"symbol":"a","price":1,"${i}${'x'.repeat(200)}":0}`);
    const { told, counted, rows } = read(messages);
    expect(rows).toHaveLength(300);
    expect(counted).toBe(100);
    expect(Math.max(...told.map((line) => line.length))).toBeLessThan(120);
  });

  it('is counted without reading names again in messages that look alike', () => {
    let names = 0;
    const decoder = json.createDecoder!(fieldsOf(types), [0, 1], jsonOptions(), {
      timeZone: 'UTC',
      counters: {
        add: (_, amount) => {
          names += amount;
        },
      },
    });
    const bytes = Buffer.from('{"symbol":"a","price":1,"extra":0}');
    for (let i = 0; i < 1000; i++) decoder.decode(bytes, 0, bytes.length);
    expect([names, decoder.length]).toEqual([1, 1000]);
  });
});

describe('a field that vanished from messages', () => {
  const messages = [...many(usual, 100), ...many('{"symbol":"b"}', 3), '{"price":3,"symbol":"c"}'];

  it('is NULL', () => {
    const { rows, errors, told } = read(messages);
    expect(rows.slice(99)).toEqual([
      ['a', 1],
      ['b', null],
      ['b', null],
      ['b', null],
      ['c', 3],
    ]);
    expect([errors, told]).toEqual([[], []]);
  });

  it("is an error under 'json.fail-on-missing-field', wanted or not", () => {
    const { rows, errors } = read(messages.map((message) => message.replace('}', ',"note":null}')).concat(usual), {
      'fail-on-missing-field': true,
    });
    expect(rows).toHaveLength(101);
    expect(errors).toEqual([...many("field 'price' is missing", 3), "field 'note' is missing"]);
  });
});
