/** What a request that is over the limits is answered with; `retryAfter` in seconds. */
export interface LimitAnswer {
  readonly status: 429 | 418;
  readonly retryAfter: number;
  readonly message: string;
}

/** Request weight that an address may use in a minute. */
export const weightPerMinute = 6000;
/** Requests that may be made in spite of 429 before the address is banned, and for how long, in seconds. */
const patience = 10;
const banSeconds = 120;

/** Counts request weight by the minute, as Binance does; a fault can declare the limit reached. */
export class Limits {
  #minute = 0;
  #used = 0;
  #ignored = 0;
  #bannedUntil = 0;
  #forced: { readonly answer: LimitAnswer; left: number } | undefined;

  /** Used weight of the current minute. */
  get used(): number {
    return this.#used;
  }

  /** Lets the next `requests` requests be answered with 429 or 418. */
  force(status: 429 | 418, retryAfter: number, requests: number, now: number): void {
    const message = status === 429 ? tooMany : banned(now + retryAfter * 1000);
    this.#forced = { answer: { status, retryAfter, message }, left: requests };
  }

  /** Takes the weight of one request, or says why not. */
  use(weight: number, now: number): LimitAnswer | undefined {
    const minute = Math.floor(now / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#used = 0;
      this.#ignored = 0;
    }
    this.#used += weight;
    if (this.#forced !== undefined && this.#forced.left-- > 0) return this.#forced.answer;
    if (now < this.#bannedUntil) return this.#ban(now);
    if (this.#used <= weightPerMinute) return undefined;
    if (++this.#ignored > patience) {
      this.#bannedUntil = now + banSeconds * 1000;
      return this.#ban(now);
    }
    return { status: 429, retryAfter: Math.ceil((60_000 - (now % 60_000)) / 1000), message: tooMany };
  }

  #ban(now: number): LimitAnswer {
    const retryAfter = Math.ceil((this.#bannedUntil - now) / 1000);
    return { status: 418, retryAfter, message: banned(this.#bannedUntil) };
  }
}

const tooMany =
  `Too many requests; current limit of IP(127.0.0.1) is ${weightPerMinute} REQUEST_WEIGHT per 1 MINUTE. ` +
  'Please use WebSocket Streams for live updates to avoid polling the API.';

function banned(until: number): string {
  return (
    `Way too much request weight used; IP banned until ${until}. ` +
    'Please use WebSocket Streams for live updates to avoid bans.'
  );
}
