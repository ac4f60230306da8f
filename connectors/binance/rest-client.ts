import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectorContext } from '../../engine/connector/context.ts';
import { RunError } from '../../engine/connector/errors.ts';
import { backOff } from './back-off.ts';

/** Code of Binance's answer to a symbol that it does not have. */
export const invalidSymbol = -1121;
/** Waited after 429 or 418 without Retry-After: limits are counted by the minute. */
const limitedWait = 60_000;
const tooManyRequests = 429;
const banned = 418;

/** A request that the exchange refused for what it asks; `code` and message are Binance's own. */
export class Refused extends Error {
  readonly status: number;
  readonly code: number | undefined;

  constructor(status: number, code: number | undefined, message: string) {
    super(message);
    this.name = 'Refused';
    this.status = status;
    this.code = code;
  }
}

export interface RestSettings {
  readonly restUrl: string;
  readonly apiKey: string | undefined;
  readonly requestTimeout: number;
}

/** Sends GET requests and sees them through: failures are counted and tried again, limits waited out. */
export class RestClient {
  readonly #settings: RestSettings;
  readonly #context: ConnectorContext;
  /** No request before this moment: limits hold for all requests of an address. */
  #notBefore = 0;

  constructor(settings: RestSettings, context: ConnectorContext) {
    this.#settings = settings;
    this.#context = context;
  }

  /**
   * The JSON of the answer. `attempts`: after so many failures a passing `RunError`, without it there is no end.
   * Rejects with `Refused` where asking again would not help, and with the signal's reason.
   */
  async get(path: string, signal: AbortSignal, attempts = Number.POSITIVE_INFINITY): Promise<unknown> {
    for (let failures = 0; ; ) {
      const wait = this.#notBefore - performance.now();
      if (wait > 0) await sleep(wait, undefined, { signal });
      const failure = await this.#try(path, signal);
      if ('value' in failure) return failure.value;
      if ('limited' in failure) {
        this.#limited(failure.limited, failure.status);
        continue;
      }
      failures++;
      this.#context.counters.add('request_failures', 1);
      const fields = { url: this.#settings.restUrl, path, reason: failure.reason, attempt: failures };
      this.#context.log.warn('binance_request_failed', fields);
      if (failures >= attempts) throw this.#unreachable(failure.reason);
      await sleep(backOff(failures), undefined, { signal });
    }
  }

  async #try(
    path: string,
    signal: AbortSignal,
  ): Promise<
    { readonly value: unknown } | { readonly limited: number; readonly status: number } | { readonly reason: string }
  > {
    const { restUrl, apiKey, requestTimeout } = this.#settings;
    let response: Response;
    let text: string;
    try {
      const headers = apiKey === undefined ? {} : { 'X-MBX-APIKEY': apiKey };
      const timeout = AbortSignal.timeout(requestTimeout);
      response = await fetch(restUrl + path, { headers, signal: AbortSignal.any([signal, timeout]) });
      text = await response.text();
    } catch (error) {
      signal.throwIfAborted();
      return { reason: reasonOf(error, requestTimeout) };
    }
    const body = parse(text);
    if (response.ok && body !== undefined) return { value: body };
    const { status } = response;
    if (status === tooManyRequests || status === banned) {
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      return { limited: Number.isFinite(seconds) ? seconds * 1000 : limitedWait, status };
    }
    const { code, msg } = (body ?? {}) as { readonly code?: number; readonly msg?: string };
    if (status >= 400 && status < 500) throw new Refused(status, code, msg ?? `HTTP status ${status}`);
    return { reason: response.ok ? 'an answer that is no JSON' : `HTTP status ${status}${msg ? `: ${msg}` : ''}` };
  }

  #limited(milliseconds: number, status: number): void {
    this.#notBefore = performance.now() + milliseconds;
    this.#context.counters.add('rate_limited', 1);
    this.#context.log.warn('binance_rate_limited', { status, wait_ms: milliseconds });
  }

  #unreachable(reason: string): RunError {
    return new RunError('binance-unreachable', `no answer from ${this.#settings.restUrl}: ${reason}`, {
      passing: true,
      help: "check the network and 'rest-url'; some countries are refused by Binance itself (status 451)",
    });
  }
}

function reasonOf(error: unknown, timeout: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeout} ms`;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message || cause.name : String(error);
}

/** The JSON value of a text; undefined where it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
