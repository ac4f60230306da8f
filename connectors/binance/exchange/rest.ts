import { type Limits, weightPerMinute } from './limits.ts';
import type { Market } from './market.ts';
import { amount, symbolInfo } from './payloads.ts';

/** What the REST endpoints answer from. */
export interface RestState {
  readonly markets: ReadonlyMap<string, Market>;
  readonly limits: Limits;
  /** Symbols that are not traded for now. */
  readonly halted: ReadonlySet<string>;
  /** The exchange's clock, in milliseconds since 1970. */
  now(): number;
}

/** A JSON answer; `headers` beside those of every answer. */
export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Endpoint {
  readonly weight: number;
  answer(query: URLSearchParams, state: RestState): RestAnswer;
}

/** Error codes of Binance's REST API. */
const invalidSymbol = refusal(-1121, 'Invalid symbol.');
const badSymbols = refusal(
  -1100,
  'Illegal characters found in parameter \'symbols\'; legal range is \'^\\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\\]$\'.',
);
const badCombination = refusal(-1128, 'Combination of optional parameters invalid.');
const repeatedSymbol = refusal(-1151, 'Symbol is present multiple times in the list.');
const symbolsPattern = /^\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}")*)?\]$/;

const endpoints: ReadonlyMap<string, Endpoint> = new Map([
  ['/api/v3/ping', { weight: 1, answer: () => ok({}) }],
  ['/api/v3/time', { weight: 1, answer: (_query, state) => ok({ serverTime: state.now() }) }],
  ['/api/v3/exchangeInfo', { weight: 20, answer: exchangeInfo }],
  ['/api/v3/ticker/price', { weight: 4, answer: (query, state) => perSymbol(query, state, priceOf) }],
  ['/api/v3/ticker/bookTicker', { weight: 4, answer: (query, state) => perSymbol(query, state, bookOf) }],
]);

/** Answers a GET; undefined where there is no such path. */
export function answerRest(url: URL, state: RestState): RestAnswer | undefined {
  const endpoint = endpoints.get(url.pathname);
  if (endpoint === undefined) return undefined;
  const single = url.searchParams.has('symbol') && endpoint.weight === 4;
  const limit = state.limits.use(single ? 2 : endpoint.weight, state.now());
  if (limit !== undefined) {
    return {
      ...refusal(-1003, limit.message),
      status: limit.status,
      headers: { 'Retry-After': `${limit.retryAfter}` },
    };
  }
  return endpoint.answer(url.searchParams, state);
}

function ok(body: unknown): RestAnswer {
  return { status: 200, body };
}

function refusal(code: number, msg: string): RestAnswer {
  return { status: 400, body: { code, msg } };
}

function exchangeInfo(query: URLSearchParams, state: RestState): RestAnswer {
  const found = select(query, state);
  if ('status' in found) return found;
  return ok({
    timezone: 'UTC',
    serverTime: state.now(),
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightPerMinute },
      { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61_000 },
    ],
    exchangeFilters: [],
    symbols: found.markets.map(({ symbol }) => symbolInfo(symbol, state.halted.has(symbol) ? 'BREAK' : 'TRADING')),
  });
}

function perSymbol(query: URLSearchParams, state: RestState, view: (market: Market) => unknown): RestAnswer {
  const found = select(query, state);
  if ('status' in found) return found;
  return ok(found.single ? view(found.markets[0]!) : found.markets.map(view));
}

function priceOf({ symbol, ticker }: Market) {
  return { symbol, price: amount(ticker.price) };
}

function bookOf({ symbol, ticker }: Market) {
  return {
    symbol,
    bidPrice: amount(ticker.bid),
    bidQty: amount(ticker.bidQuantity),
    askPrice: amount(ticker.ask),
    askQty: amount(ticker.askQuantity),
  };
}

/** The symbols that a request names: `symbol=A`, `symbols=["A","B"]`, or all. */
function select(
  query: URLSearchParams,
  { markets }: RestState,
): RestAnswer | { readonly markets: readonly Market[]; readonly single: boolean } {
  const symbol = query.get('symbol');
  const list = query.get('symbols');
  if (symbol !== null && list !== null) return badCombination;
  if (symbol !== null) {
    const market = markets.get(symbol);
    return market === undefined ? invalidSymbol : { markets: [market], single: true };
  }
  if (list === null) return { markets: [...markets.values()], single: false };
  if (!symbolsPattern.test(list)) return badSymbols;
  const names = JSON.parse(list) as string[];
  if (new Set(names).size < names.length) return repeatedSymbol;
  const found = names.map((name) => markets.get(name));
  return found.includes(undefined) ? invalidSymbol : { markets: found as Market[], single: false };
}
