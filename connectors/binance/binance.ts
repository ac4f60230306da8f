import { defineConnector } from '../../engine/connector/define.ts';
import { option } from '../../engine/connector/options.ts';
import { checkOptions, checkStreamColumns } from './check.ts';
import { streamFields, streamNames } from './fields.ts';
import { inspectExchange } from './inspect-exchange.ts';
import { klineIntervalNames } from './kline-interval.ts';
import { BinanceSource } from './source.ts';

/** Reads market data of Binance. */
export const binance = defineConnector({
  name: 'binance',
  doc:
    'Reads market data of the Binance spot exchange. The columns of a stream are chosen by name. What was sent while ' +
    'nobody listened cannot be read again: after a restart reading goes on with what is new.',
  ours: true,
  replayable: false,
  options: {
    symbols: option.list("Pairs to read, separated by ';', e.g. 'BTCUSDT;ETHUSDT'.", { required: 'source' }),
    stream: option.oneOf(
      streamNames,
      "What to read: 'price' polls the newest prices, all symbols in one request; the others come over one WebSocket.",
      { default: 'price', role: 'source' },
    ),
    interval: option.duration("Time between two polls of 'price'.", { default: '500 ms', role: 'source' }),
    'kline.interval': option.oneOf(
      klineIntervalNames,
      "Length of the candles of 'kline'. A month is '1mo': upper and lower case are the same here.",
      { role: 'source' },
    ),
    'rest-url': option.string('Where the REST API is.', { default: 'https://api.binance.com', role: 'source' }),
    'ws-url': option.string('Where the WebSocket streams are.', {
      default: 'wss://stream.binance.com:9443',
      role: 'source',
    }),
    'api-key': option.string('Sent with REST requests. Market data needs none.', { role: 'source', secret: true }),
    'api-secret': option.string('Signs requests that need a signature; none of these streams does.', {
      role: 'source',
      secret: true,
    }),
    'request.timeout': option.duration('How long a REST request may take.', { default: '10 s', role: 'source' }),
    'silence.timeout': option.duration(
      'A connection on which nothing came for so long, not even a ping (Binance pings every 20 s), is replaced.',
      { default: '60 s', role: 'source' },
    ),
  },

  check({ table, options }, _role, report) {
    checkOptions(options, report);
    checkStreamColumns(table, options.stream, report);
  },

  inspect: ({ options }, _role, _columns, context, report) => inspectExchange(settingsOf(options), context, report),

  createSource({ table, options }, wanted, context) {
    const fields = streamFields[options.stream];
    const columns = wanted.map((index) => {
      const { name, type } = table.columns[index]!;
      return { name, type, field: fields[name]! };
    });
    return new BinanceSource({ ...settingsOf(options), columns }, context);
  },
});

function settingsOf(options: {
  readonly symbols: readonly string[] | undefined;
  readonly stream: (typeof streamNames)[number];
  readonly interval: number;
  readonly 'kline.interval': string | undefined;
  readonly 'rest-url': string;
  readonly 'ws-url': string;
  readonly 'api-key': string | undefined;
  readonly 'request.timeout': number;
  readonly 'silence.timeout': number;
}) {
  return {
    symbols: options.symbols ?? [],
    stream: options.stream,
    interval: options.interval,
    klineInterval: options['kline.interval'],
    restUrl: options['rest-url'].replace(/\/+$/, ''),
    wsUrl: options['ws-url'].replace(/\/+$/, ''),
    apiKey: options['api-key'],
    requestTimeout: options['request.timeout'],
    silenceTimeout: options['silence.timeout'],
  };
}
