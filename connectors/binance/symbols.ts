import type { ConnectorContext } from '../../engine/connector/context.ts';
import { RunError } from '../../engine/connector/errors.ts';
import { suggest } from '../../engine/diagnostics/suggest.ts';
import { invalidSymbol, Refused, type RestClient } from './rest-client.ts';

interface ExchangeInfo {
  readonly symbols?: readonly { readonly symbol: string; readonly status: string }[];
}

/** `symbol=A` or `symbols=["A","B"]`, encoded. */
export function symbolsQuery(symbols: readonly string[]): string {
  return symbols.length === 1 ? `symbol=${symbols[0]}` : `symbols=${encodeURIComponent(JSON.stringify(symbols))}`;
}

/** Makes sure that the exchange has all symbols; rejects with a lasting `RunError` that names those it does not have. */
export async function checkSymbols(
  symbols: readonly string[],
  rest: RestClient,
  context: ConnectorContext,
  signal: AbortSignal,
  attempts?: number,
): Promise<void> {
  let info: ExchangeInfo;
  try {
    info = (await rest.get(`/api/v3/exchangeInfo?${symbolsQuery(symbols)}`, signal, attempts)) as ExchangeInfo;
  } catch (error) {
    if (error instanceof Refused && error.code === invalidSymbol) throw await unknownSymbols(symbols, rest, signal);
    throw error instanceof Refused ? refused(error) : error;
  }
  for (const { symbol, status } of info.symbols ?? []) {
    if (status !== 'TRADING') context.log.warn('binance_symbol_not_trading', { symbol, status });
  }
}

/** Binance says only that one of the symbols is wrong: which ones, and what they may be, is found in the list of all. */
export async function unknownSymbols(
  symbols: readonly string[],
  rest: RestClient,
  signal: AbortSignal,
): Promise<RunError> {
  const info = (await rest.get('/api/v3/exchangeInfo', signal)) as ExchangeInfo;
  const known = (info.symbols ?? []).map((s) => s.symbol);
  const unknown = symbols.filter((s) => !known.includes(s));
  const near = unknown.flatMap((s) => {
    const other = suggest(s, known);
    return other === undefined ? [] : [`'${other}' instead of '${s}'`];
  });
  const names = unknown.map((s) => `'${s}'`).join(', ');
  return new RunError('unknown-symbol', `Binance has no ${unknown.length === 1 ? 'symbol' : 'symbols'} ${names}`, {
    help:
      near.length > 0 ? `did you mean ${near.join(', ')}?` : "symbols are written without separator, e.g. 'BTCUSDT'",
  });
}

/** The error for a request that the exchange refuses for good. */
export function refused(error: Refused): RunError {
  const code = error.code === undefined ? '' : ` (code ${error.code})`;
  return new RunError('binance-refused', `Binance refused a request: ${error.message}${code}`, {
    help: error.status === 451 ? 'Binance does not serve this place; another `rest-url` may' : "check 'rest-url'",
  });
}
