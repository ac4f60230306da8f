import type { ReportOption } from '../../engine/connector/define.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import { suggest } from '../../engine/diagnostics/suggest.ts';
import { typeText } from '../../engine/types/data-type.ts';
import { acceptedText, acceptedTypes, type StreamName, streamFields } from './fields.ts';

/** The options that are checked against one another. */
export interface CheckedOptions {
  readonly symbols: readonly string[] | undefined;
  readonly stream: StreamName;
  readonly interval: number;
  readonly 'kline.interval': string | undefined;
  readonly 'rest-url': string;
  readonly 'ws-url': string;
  readonly 'api-key': string | undefined;
  readonly 'api-secret': string | undefined;
}

/** Binance allows a weight of 6000 a minute, and a poll of several symbols weighs 4. */
const shortestInterval = 50;
/** Streams that one connection may subscribe to. */
const maxSymbols = 1024;

/** Reports what is wrong with the options of a table. */
export function checkOptions(options: CheckedOptions, report: ReportOption): void {
  checkSymbols(options.symbols ?? [], report);
  if (options.stream === 'kline' && options['kline.interval'] === undefined) {
    report({
      code: 'missing-option',
      message: "stream 'kline' needs option 'kline.interval'",
      help: "add 'kline.interval' = '1m'",
    });
  }
  if (options.stream !== 'kline' && options['kline.interval'] !== undefined) {
    report({
      key: 'kline.interval',
      code: 'conflicting-options',
      message: `'kline.interval' belongs to stream 'kline', this table reads '${options.stream}'`,
      help: "remove it, or set 'stream' = 'kline'",
    });
  }
  if (options.stream === 'price' && options.interval < shortestInterval) {
    report({
      key: 'interval',
      message: `polling every ${options.interval} ms uses more request weight than Binance allows (6000 a minute)`,
      help: `poll every ${shortestInterval} ms or less often, or read stream 'trade', which has every price`,
    });
  }
  if (options['api-secret'] !== undefined && options['api-key'] === undefined) {
    report({ key: 'api-secret', code: 'conflicting-options', message: "'api-secret' is given without 'api-key'" });
  }
  checkUrl('rest-url', options['rest-url'], ['http:', 'https:'], report);
  checkUrl('ws-url', options['ws-url'], ['ws:', 'wss:'], report);
}

function checkSymbols(symbols: readonly string[], report: ReportOption): void {
  const seen = new Set<string>();
  for (const symbol of symbols) {
    const upper = symbol.toUpperCase().replace(/[^A-Z0-9]/g, '');
    if (!/^[A-Z0-9]{2,20}$/.test(symbol)) {
      report({
        key: 'symbols',
        message: `'${symbol}' is no symbol of Binance: expected upper-case letters and digits`,
        ...(upper === '' ? {} : { help: `did you mean '${upper}'?` }),
      });
    } else if (seen.has(symbol)) {
      report({
        key: 'symbols',
        severity: 'warning',
        message: `symbol '${symbol}' is listed twice`,
        help: 'it is read once',
      });
    }
    seen.add(symbol);
  }
  if (seen.size > maxSymbols) {
    report({
      key: 'symbols',
      message: `${seen.size} symbols: one connection takes ${maxSymbols}`,
      help: 'spread them over several tables',
    });
  }
}

function checkUrl(key: 'rest-url' | 'ws-url', text: string, protocols: readonly string[], report: ReportOption): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && protocols.includes(url.protocol)) return;
  const expected = protocols.map((p) => `${p}//…`).join(' or ');
  report({ key, message: `'${text}' is no URL for '${key}': expected ${expected}` });
}

/** Reports columns that the stream does not have, or not with their type. */
export function checkStreamColumns(table: TableShape, stream: StreamName, report: ReportOption): void {
  const fields = streamFields[stream];
  const names = Object.keys(fields);
  for (const { name, type, kind } of table.columns) {
    if (kind === 'metadata') continue;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      const near = suggest(name, names);
      const elsewhere = Object.entries(streamFields).find(([, other]) => Object.hasOwn(other, name))?.[0];
      report({
        key: 'stream',
        message: `stream '${stream}' has no column '${name}'`,
        help:
          near !== undefined
            ? `did you mean '${near}'?`
            : `${elsewhere === undefined ? '' : `stream '${elsewhere}' has it; `}its columns: ${names.join(', ')}`,
      });
    } else if (!acceptedTypes[field.kind].includes(type.kind)) {
      report({
        key: 'stream',
        message: `column '${name}' of stream '${stream}' cannot be ${typeText(type, false)}`,
        help: `declare it as ${acceptedText[field.kind]}`,
      });
    }
  }
}
