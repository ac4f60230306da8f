import type { ConnectorContext } from '../../engine/connector/context.ts';
import type { ReportOption } from '../../engine/connector/define.ts';
import { RunError } from '../../engine/connector/errors.ts';
import { RestClient, type RestSettings } from './rest-client.ts';
import { checkSymbols } from './symbols.ts';

/** Reports whether the exchange answers and has all symbols. */
export async function inspectExchange(
  settings: RestSettings & { readonly symbols: readonly string[] },
  context: ConnectorContext,
  report: ReportOption,
): Promise<void> {
  const rest = new RestClient(settings, context);
  try {
    await checkSymbols([...new Set(settings.symbols)], rest, context, AbortSignal.timeout(30_000), 1);
  } catch (error) {
    const { key, code } = keyAndCode(error);
    const { message, help } = error as RunError;
    report({ key, code, message, ...(help === undefined ? {} : { help }) });
  }
}

function keyAndCode(error: unknown): { key: string; code: 'missing-target' | 'unreachable' } {
  if (error instanceof RunError && error.code === 'unknown-symbol') return { key: 'symbols', code: 'missing-target' };
  // The signal's: the limits of the exchange let nothing through for so long.
  if (error instanceof RunError || (error as Error).name === 'TimeoutError') {
    return { key: 'rest-url', code: 'unreachable' };
  }
  throw error;
}
