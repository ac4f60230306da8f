import type { Market } from './market.ts';
import { tradePayload } from './payloads.ts';
import type { StreamEvent } from './streams.ts';

/** Milliseconds between trades of a symbol. */
const STEP = 250;

/** Trades from before the exchange was opened, so that whoever looks at minutes need not wait for one. */
export class PastTrades {
  /** In the order of time. */
  #events: StreamEvent[] = [];

  /** Lets the markets trade from `now - length` on; milliseconds. */
  constructor(markets: readonly Market[], now: number, length: number) {
    for (let time = now - length; time < now; time += STEP) {
      for (const market of markets) {
        const payload = tradePayload(market.symbol, market.trade(time), time);
        this.#events.push({ stream: `${market.symbol.toLowerCase()}@trade`, payload });
      }
    }
  }

  /** The events of these streams, each once. */
  take(streams: ReadonlySet<string>): StreamEvent[] {
    const wanted = this.#events.filter(({ stream }) => streams.has(stream));
    if (wanted.length > 0) this.#events = this.#events.filter(({ stream }) => !streams.has(stream));
    return wanted;
  }
}
