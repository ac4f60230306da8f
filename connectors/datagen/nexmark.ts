import { defineConnector, type ReportOption } from '../../engine/connector/define.ts';
import { RunError } from '../../engine/connector/errors.ts';
import { option } from '../../engine/connector/options.ts';
import type { Positions, RestorePositions, Source } from '../../engine/connector/source.ts';
import type { TableColumn, TableShape } from '../../engine/connector/table.ts';
import { columnOf, type RowBatch } from '../../engine/types/batch.ts';
import { type Scalar, typeText } from '../../engine/types/data-type.ts';
import { type EventKind, eventFields, NexmarkEvents } from './nexmark-events.ts';

const kinds = ['person', 'auction', 'bid'] as const;

/** Makes the events of the Nexmark benchmark. */
export const nexmark = defineConnector({
  name: 'nexmark',
  doc:
    "Makes the events of the Nexmark benchmark, those of an auction site, as fast as they are read: 'event_type' is 0, 1 or 2, " +
    "and the column 'person', 'auction' or 'bid' a row of those fields of the event that it declares, by name. Their " +
    'dateTime grows evenly from 2024-01-01.',
  options: {
    'events.num': option.long('Events in all; 0: no end.', { default: '0', role: 'source' }),
    'first-event.rate': option.long('Events of a second of event time.', { default: '10000', role: 'source' }),
    'person.proportion': option.int('New people in a round of events.', { default: '1', min: 1, role: 'source' }),
    'auction.proportion': option.int('New auctions in a round.', { default: '3', min: 1, role: 'source' }),
    'bid.proportion': option.int('Bids in a round.', { default: '46', min: 1, role: 'source' }),
    seed: option.int('The same seed gives the same events.', { default: '1', ours: true, role: 'source' }),
  },
  bounded: (options) => options['events.num'] > 0n,

  check({ table, options }, _role, report) {
    if (options['events.num'] < 0n) report({ key: 'events.num', message: "'events.num' is negative" });
    if (options['first-event.rate'] < 1n) {
      report({ key: 'first-event.rate', message: "'first-event.rate' must be at least 1" });
    }
    for (const column of table.columns) checkColumn(column, report);
  },

  createSource({ table, options }, wanted) {
    const proportions = {
      person: options['person.proportion'],
      auction: options['auction.proportion'],
      bid: options['bid.proportion'],
    };
    const settings = { proportions, rate: Number(options['first-event.rate']), seed: options.seed };
    const count = options['events.num'] === 0n ? Number.POSITIVE_INFINITY : Number(options['events.num']);
    return new NexmarkSource(table, wanted, new NexmarkEvents(settings), count);
  },
});

function checkColumn({ name, type: t }: TableColumn, report: ReportOption): void {
  if (name === 'event_type' && t.kind === 'INT') return;
  const kind = kinds.find((each) => each === name);
  if (kind === undefined || t.kind !== 'ROW') {
    report({
      message: `'${name} ${typeText(t, false)}' is no column of the events`,
      help: "columns: event_type INT, and person, auction and bid as ROW<…> of their fields' names",
    });
    return;
  }
  const known = eventFields[kind];
  for (const field of t.fields) {
    const expected = known[field.name];
    if (field.type.kind === expected && !(field.type.kind === 'TIMESTAMP' && field.type.precision > 6)) continue;
    const fields = Object.entries(known).map(([each, of]) => `${each} ${sqlNames[of] ?? of}`);
    report({
      message: `'${field.name} ${typeText(field.type, false)}' is no field of '${kind}'`,
      help: `its fields: ${fields.join(', ')}`,
    });
  }
}

const sqlNames: Readonly<Record<string, string>> = { VARCHAR: 'STRING', TIMESTAMP: 'TIMESTAMP(3)' };

const SPLIT = 'events';
const BATCH = 4096;

/** The only split is the sequence of events, its position the number of events made. */
class NexmarkSource implements Source {
  readonly #columns: readonly TableColumn[];
  readonly #events: NexmarkEvents;
  readonly #count: number;
  #made = 0;

  constructor(table: TableShape, wanted: readonly number[], events: NexmarkEvents, count: number) {
    this.#columns = wanted.map((i) => table.columns[i]!);
    this.#events = events;
    this.#count = count;
  }

  async open(restore: RestorePositions): Promise<void> {
    const text = (await restore([SPLIT])).get(SPLIT) ?? '0';
    if (!/^\d+$/.test(text)) throw new RunError('bad-checkpoint', `the position '${text}' is no number of events`);
    this.#made = Number(text);
  }

  async poll(signal: AbortSignal): Promise<RowBatch | null> {
    signal.throwIfAborted();
    const length = Math.min(BATCH, this.#count - this.#made);
    if (length <= 0) return null;
    const first = this.#made;
    this.#made += length;
    const events = Array.from({ length }, (_, i) => this.#events.event(first + i));
    const kindsOf = events.map((_, i) => this.#events.kindOf(first + i));
    const columns = this.#columns.map(({ name, type: t }) => {
      if (name === 'event_type')
        return columnOf(
          t,
          kindsOf.map((kind) => kinds.indexOf(kind)),
        );
      const fields = t.kind === 'ROW' ? t.fields.map((field) => field.name) : [];
      return columnOf(
        t,
        events.map((event, i): Scalar => (kindsOf[i] === (name as EventKind) ? fields.map((f) => event[f]!) : null)),
      );
    });
    return { length, columns };
  }

  positions(): Positions {
    return new Map([[SPLIT, String(this.#made)]]);
  }

  async close(): Promise<void> {}
}
