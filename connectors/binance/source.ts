import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectorContext } from '../../engine/connector/context.ts';
import type { Positions, Source, SplitLag } from '../../engine/connector/source.ts';
import { batchOf, type RowBatch } from '../../engine/types/batch.ts';
import type { DataType } from '../../engine/types/data-type.ts';
import { ExchangeClock } from './exchange-clock.ts';
import type { Payload, StreamName } from './fields.ts';
import { MalformedPayload, type ReadColumn, readRow } from './read-field.ts';
import { invalidSymbol, Refused, RestClient } from './rest-client.ts';
import { RowQueue } from './row-queue.ts';
import type { StreamConnection } from './stream-connection.ts';
import { checkSymbols, refused, symbolsQuery, unknownSymbols } from './symbols.ts';

export interface BinanceSettings {
  readonly symbols: readonly string[];
  readonly stream: StreamName;
  /** Milliseconds. */
  readonly interval: number;
  readonly klineInterval: string | undefined;
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly apiKey: string | undefined;
  readonly requestTimeout: number;
  readonly silenceTimeout: number;
  readonly columns: readonly ReadColumn[];
}

/** Rows that may wait before the network is no longer read. */
const maxWaiting = 50_000;
/** Failures to reach the exchange after which opening is given up, for the runtime to try again. */
const openAttempts = 3;

/**
 * Reads one stream of Binance. It has no positions: what is sent while nobody listens is lost, and nothing is read twice.
 * Troubles of the network and the exchange are counted and outlived; only wrong symbols and values that fit no column
 * end it.
 */
export class BinanceSource implements Source {
  readonly #settings: BinanceSettings;
  readonly #context: ConnectorContext;
  readonly #symbols: readonly string[];
  readonly #types: readonly DataType[];
  readonly #rest: RestClient;
  readonly #clock: ExchangeClock;
  readonly #queue = new RowQueue();
  readonly #closing = new AbortController();
  readonly #newest = new Map<string, number>();
  #connection: StreamConnection | undefined;
  #nextPoll = 0;

  constructor(settings: BinanceSettings, context: ConnectorContext) {
    this.#settings = settings;
    this.#context = context;
    this.#symbols = [...new Set(settings.symbols)];
    this.#types = settings.columns.map((c) => c.type);
    this.#rest = new RestClient(settings, context);
    this.#clock = new ExchangeClock(this.#rest, context);
  }

  async open(): Promise<void> {
    const { signal } = this.#closing;
    // Loads the library of WebSockets, which other jobs can do without.
    const streams = this.#settings.stream === 'price' ? undefined : await import('./stream-connection.ts');
    await checkSymbols(this.#symbols, this.#rest, this.#context, signal, openAttempts);
    await this.#clock.compare(signal, openAttempts);
    if (streams === undefined) return;
    this.#connection = new streams.StreamConnection(
      {
        url: `${this.#settings.wsUrl}/stream?streams=${this.#symbols.map((s) => this.#streamOf(s)).join('/')}`,
        silenceTimeout: this.#settings.silenceTimeout,
        receive: (text) => this.#receive(text),
      },
      this.#context,
    );
    const opened = this.#connection.open();
    await Promise.race([opened, aborted(signal)]);
  }

  async poll(signal: AbortSignal): Promise<RowBatch | null> {
    const both = AbortSignal.any([signal, this.#closing.signal]);
    try {
      while (this.#settings.stream === 'price' && !this.#queue.isReady) await this.#pollPrices(both);
      const rows = await this.#queue.take(both);
      this.#connection?.resume();
      return batchOf(this.#types, rows);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof Refused ? refused(error) : error;
    }
  }

  positions(): Positions {
    return new Map();
  }

  lag(): readonly SplitLag[] {
    return [...this.#newest].map(([split, timestamp]) => ({ split, timestamp }));
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the source is closed'));
    this.#connection?.close();
  }

  #streamOf(symbol: string): string {
    const { stream, klineInterval } = this.#settings;
    const lower = symbol.toLowerCase();
    switch (stream) {
      case 'mini-ticker':
        return `${lower}@miniTicker`;
      case 'book-ticker':
        return `${lower}@bookTicker`;
      case 'kline':
        return `${lower}@kline_${klineInterval === '1mo' ? '1M' : klineInterval}`;
      default:
        return `${lower}@${stream}`;
    }
  }

  /** One request for all symbols, `interval` after the one before began; late ones are not made up for. */
  async #pollPrices(signal: AbortSignal): Promise<void> {
    const wait = this.#nextPoll - performance.now();
    if (wait > 0) await sleep(wait, undefined, { signal });
    if (this.#clock.isDue) await this.#clock.compare(signal);
    this.#nextPoll = performance.now() + this.#settings.interval;
    let answer: unknown;
    try {
      answer = await this.#rest.get(`/api/v3/ticker/price?${symbolsQuery(this.#symbols)}`, signal);
    } catch (error) {
      if (error instanceof Refused && error.code === invalidSymbol) {
        throw await unknownSymbols(this.#symbols, this.#rest, signal);
      }
      throw error;
    }
    const receivedAt = this.#clock.now();
    for (const payload of Array.isArray(answer) ? answer : [answer]) this.#add(payload as Payload, receivedAt);
  }

  #receive(text: string): void {
    let message: { readonly data?: Payload; readonly error?: unknown } | null;
    try {
      message = JSON.parse(text) as typeof message;
    } catch {
      this.#skip(text);
      return;
    }
    const payload = message?.data;
    if (typeof payload !== 'object' || payload === null) this.#skip(text);
    // The exchange announces that it goes down; that it does so shows soon enough.
    else if (payload.e !== 'serverShutdown') this.#add(payload, this.#clock.now());
    if (this.#queue.length >= maxWaiting) this.#connection?.pause();
  }

  #add(payload: Payload, receivedAt: number): void {
    try {
      this.#queue.push(readRow(this.#settings.columns, payload, receivedAt));
    } catch (error) {
      if (error instanceof MalformedPayload) this.#skip(error.message);
      else this.#queue.fail(error);
      return;
    }
    const symbol = String(payload.s ?? payload.symbol);
    this.#newest.set(symbol, typeof payload.E === 'number' ? payload.E : receivedAt);
  }

  #skip(what: string): void {
    this.#context.counters.add('records_skipped', 1);
    this.#context.log.warn('binance_malformed', { received: what.slice(0, 200) });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
