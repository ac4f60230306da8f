import type { ConnectorContext } from '../../engine/connector/context.ts';
import { RunError } from '../../engine/connector/errors.ts';
import type { Lookup } from '../../engine/connector/lookup.ts';
import { type DataType, type Field, type Scalar, typeText } from '../../engine/types/data-type.ts';
import { textWriter } from '../../engine/types/text.ts';
import { findTarget, type Target } from './catalog.ts';
import { type ColumnFit, fitColumn } from './column-type.ts';
import { connect } from './connect.ts';
import type { Connection } from './connection.ts';
import { SqlError } from './connection-error.ts';
import type { ConnectSettings } from './jdbc-url.ts';
import { type CacheSettings, type FoundRows, LookupCache } from './lookup-cache.ts';
import { quoteName } from './quote.ts';
import { columnOf, columnText, notThere, reader } from './read-columns.ts';
import { quoteTable, type TableName, tableText } from './table-name.ts';

export interface LookupSettings {
  readonly connect: ConnectSettings;
  readonly table: TableName;
  readonly keys: readonly Field[];
  readonly wanted: readonly Field[];
  readonly cache: CacheSettings | undefined;
  /** Repetitions of a query that failed for a passing reason. */
  readonly maxRetries: number;
}

/** Keys of one query. */
const MAX_KEYS = 1000;

/** How an open connection asks. */
interface Asking {
  readonly connection: Connection;
  readonly text: string;
}

/** Asks a PostgreSQL table for the rows of many keys in one query; a cache keeps what was found where that is wanted. */
export class PostgresLookup implements Lookup {
  readonly #settings: LookupSettings;
  readonly #context: ConnectorContext;
  readonly #cache: LookupCache | undefined;
  readonly #keyTexts: readonly ((value: never) => string)[];
  readonly #readers: readonly ((text: string) => Scalar)[];
  #asking: Asking | undefined;

  constructor(settings: LookupSettings, context: ConnectorContext) {
    this.#settings = settings;
    this.#context = context;
    this.#cache = settings.cache && new LookupCache(settings.cache);
    this.#keyTexts = settings.keys.map(({ type: t }) => keyText(t));
    this.#readers = settings.wanted.map((field) => reader(field));
  }

  async find(keys: readonly (readonly Scalar[])[]): Promise<readonly FoundRows[]> {
    const now = Date.now();
    const found = new Array<FoundRows>(keys.length);
    const texts = keys.map((key) => key.map((value, i) => this.#keyTexts[i]!(value as never)));
    const names = texts.map((text) => JSON.stringify(text));
    const open: number[] = [];
    for (const [i, name] of names.entries()) {
      const known = this.#cache?.get(name, now);
      if (known === undefined) open.push(i);
      else found[i] = known;
    }
    for (let from = 0; from < open.length; from += MAX_KEYS) {
      const part = open.slice(from, from + MAX_KEYS);
      const answers = await this.#retried(part.map((i) => texts[i]!));
      for (const [n, i] of part.entries()) {
        found[i] = answers[n]!;
        this.#cache?.put(names[i]!, answers[n]!, now);
      }
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#asking?.connection.close();
    this.#asking = undefined;
  }

  async #retried(keys: readonly (readonly string[])[]): Promise<FoundRows[]> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#ask(keys);
      } catch (error) {
        const passing = error instanceof RunError && error.passing;
        await this.close();
        if (!passing || attempt >= this.#settings.maxRetries) throw error;
        this.#context.log.warn('lookup_repeated', { attempt: attempt + 1, error: error.message });
        await new Promise((resolve) => setTimeout(resolve, Math.min(100 * 2 ** attempt, 5000)));
      }
    }
  }

  async #ask(keys: readonly (readonly string[])[]): Promise<FoundRows[]> {
    if (this.#asking?.connection.alive !== true) this.#asking = await this.#open();
    const values = this.#settings.keys.map((_, i) => keys.map((key) => key[i]!));
    let rows: readonly unknown[][];
    try {
      ({ rows } = await this.#asking.connection.query({ text: this.#asking.text, values, name: 'lookup' }));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      throw new RunError(
        'jdbc-lookup',
        `looking up rows of ${tableText(this.#settings.table)} failed: ${error.server.message}`,
        { cause: error },
      );
    }
    const found: Scalar[][][] = keys.map(() => []);
    for (const [number, ...columns] of rows) {
      found[Number(number) - 1]!.push(
        columns.map((text, i) => (text === null ? null : this.#readers[i]!(text as string))),
      );
    }
    return found;
  }

  async #open(): Promise<Asking> {
    const connection = await connect(this.#settings.connect);
    const target = await findTarget(connection, this.#settings.table);
    if (target === undefined) throw await notThere(connection, this.#settings.table);
    return { connection, text: this.#query(target) };
  }

  /** The number of the key, then the wanted columns as text. */
  #query(target: Target): string {
    const { keys, wanted } = this.#settings;
    const fits = keys.map((field) => this.#fitOf(field, target));
    const arrays = fits.map(({ element }, i) => `$${i + 1}::text[]::${element}[]`);
    const names = keys.map((_, i) => `k${i}`).join(', ');
    const same = keys.map(({ name }, i) => `t.${quoteName(name)} = ${fits[i]!.expression(`u.k${i}`)}`);
    const columns = wanted.map((field) => columnText(field, columnOf(field, target).type.name));
    return `SELECT ${['u.n', ...columns].join(', ')}
FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS u(${names}, n)
JOIN ${quoteTable(target.name)} AS t ON ${same.join(' AND ')}`;
  }

  #fitOf(field: Field, target: Target): ColumnFit {
    const { type: column } = columnOf(field, target);
    const fit = fitColumn(field.type, column, { zone: this.#context.timeZone, castStrings: true });
    if (fit !== undefined && fit.toText === undefined) return fit;
    throw new RunError(
      'jdbc-table',
      `column '${field.name}' of ${tableText(target.name)} is ${column.text}: no key of ${typeText(field.type, false)} equals it`,
      { help: 'declare the column with a type that fits' },
    );
  }
}

function keyText(t: DataType): (value: never) => string {
  if (t.kind !== 'TIMESTAMP_LTZ') return textWriter(t, 'UTC');
  const write = textWriter(t, 'UTC');
  return (value) => `${write(value)}+00`;
}
