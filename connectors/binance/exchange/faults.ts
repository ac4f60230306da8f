/** What can be made to go wrong on the exchange. All of it can be reached over HTTP too: POST /control/<name>?<argument>=… */
export interface Faults {
  /** Breaks all WebSocket connections, as a failing network does. */
  disconnect(): void;
  /** Closes all WebSocket connections, as Binance does after 24 hours. */
  expire(): void;
  /** Answers the next `requests` REST requests (all, where absent) with 429 or 418; `retryAfter` in seconds. */
  limit(options: { readonly status?: 429 | 418; readonly retryAfter?: number; readonly requests?: number }): void;
  /** Sends frames to all connections that are no payload of any stream. */
  garbage(frames?: number): void;
  /** While on, nothing is sent any more, not even pings, and REST requests are left unanswered; connections stay. */
  silence(on: boolean): void;
  /** While on, all connections are broken and new ones refused: the exchange is down. */
  outage(on: boolean): void;
  /** Moves the exchange's clock by so many milliseconds from this machine's. */
  skew(milliseconds: number): void;
  /** Trading in a symbol is interrupted: it is still listed, with the status 'BREAK'. */
  halt(symbol: string): void;
}

/** Calls a fault by the name and arguments of a control request; undefined where there is no such fault. */
export function applyControl(faults: Faults, name: string, query: URLSearchParams): true | undefined {
  const number = (key: string): number | undefined => (query.has(key) ? Number(query.get(key)) : undefined);
  const on = query.get('on') !== 'false';
  switch (name) {
    case 'disconnect':
      faults.disconnect();
      return true;
    case 'expire':
      faults.expire();
      return true;
    case 'limit': {
      const retryAfter = number('retryAfter');
      const requests = number('requests');
      faults.limit({
        status: number('status') === 418 ? 418 : 429,
        ...(retryAfter === undefined ? {} : { retryAfter }),
        ...(requests === undefined ? {} : { requests }),
      });
      return true;
    }
    case 'garbage':
      faults.garbage(number('frames'));
      return true;
    case 'silence':
      faults.silence(on);
      return true;
    case 'outage':
      faults.outage(on);
      return true;
    case 'skew':
      faults.skew(number('milliseconds') ?? 0);
      return true;
    case 'halt':
      faults.halt(query.get('symbol') ?? '');
      return true;
    default:
      return undefined;
  }
}
