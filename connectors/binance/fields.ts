import type { DataType } from '../../engine/types/data-type.ts';

/** The streams that a table can read. */
export const streamNames = ['price', 'trade', 'mini-ticker', 'book-ticker', 'kline'] as const;

export type StreamName = (typeof streamNames)[number];

/** A payload of the exchange as JSON gave it. */
export type Payload = Readonly<Record<string, unknown>>;

/**
 * What the exchange sends of a column: 'amount' is a decimal number as text, 'integer' a whole number, 'millis' a time in
 * milliseconds since 1970.
 */
export type FieldKind = 'text' | 'amount' | 'integer' | 'millis' | 'boolean';

/** A column that a stream knows. `read` gives undefined where the payload does not have it. */
export interface StreamField {
  readonly kind: FieldKind;
  readonly doc: string;
  /** `receivedAt`: when the payload came, by the exchange's clock, in milliseconds since 1970. */
  read(payload: Payload, receivedAt: number): unknown;
}

function field(kind: FieldKind, key: string, doc: string): StreamField {
  return { kind, doc, read: (payload) => payload[key] };
}

/** A field of a kline, which lies one level deeper. */
function kline(kind: FieldKind, key: string, doc: string): StreamField {
  return { kind, doc, read: (payload) => (payload.k as Payload | undefined)?.[key] };
}

const received: StreamField = {
  kind: 'millis',
  doc: "When it arrived, by the exchange's clock (the exchange sends no time with it).",
  read: (_payload, receivedAt) => receivedAt,
};

const symbol = field('text', 's', "The exchange's name of the pair, e.g. BTCUSDT.");
const eventTime = field('millis', 'E', 'When the exchange sent it.');

/** Stream → column name → what it holds. */
export const streamFields: Readonly<Record<StreamName, Readonly<Record<string, StreamField>>>> = {
  price: {
    symbol: field('text', 'symbol', "The exchange's name of the pair, e.g. BTCUSDT."),
    price: field('amount', 'price', 'Price of the newest trade.'),
    event_time_ms: received,
  },
  trade: {
    symbol,
    price: field('amount', 'p', 'Price of the trade.'),
    quantity: field('amount', 'q', 'Quantity of the base asset.'),
    trade_id: field('integer', 't', 'Number of the trade, consecutive for each symbol.'),
    trade_time_ms: field('millis', 'T', 'When the trade was made.'),
    buyer_is_maker: field('boolean', 'm', 'Whether the buyer was the one who waited in the book.'),
    event_time_ms: eventTime,
  },
  'mini-ticker': {
    symbol,
    price: field('amount', 'c', 'Price of the newest trade.'),
    open_price: field('amount', 'o', 'Price 24 hours ago.'),
    high_price: field('amount', 'h', 'Highest price of 24 hours.'),
    low_price: field('amount', 'l', 'Lowest price of 24 hours.'),
    volume: field('amount', 'v', 'Quantity of the base asset traded in 24 hours.'),
    quote_volume: field('amount', 'q', 'Quantity of the quote asset traded in 24 hours.'),
    event_time_ms: eventTime,
  },
  'book-ticker': {
    symbol,
    bid_price: field('amount', 'b', 'Best price of those who buy.'),
    bid_quantity: field('amount', 'B', 'Quantity at that price.'),
    ask_price: field('amount', 'a', 'Best price of those who sell.'),
    ask_quantity: field('amount', 'A', 'Quantity at that price.'),
    update_id: field('integer', 'u', 'Number of the change of the order book.'),
    event_time_ms: received,
  },
  kline: {
    symbol,
    kline_interval: kline('text', 'i', "Length of the candle, e.g. '1m'."),
    open_time_ms: kline('millis', 't', 'First millisecond of the candle.'),
    close_time_ms: kline('millis', 'T', 'Last millisecond of the candle.'),
    open_price: kline('amount', 'o', 'First price.'),
    high_price: kline('amount', 'h', 'Highest price.'),
    low_price: kline('amount', 'l', 'Lowest price.'),
    close_price: kline('amount', 'c', 'Newest price.'),
    volume: kline('amount', 'v', 'Quantity of the base asset.'),
    quote_volume: kline('amount', 'q', 'Quantity of the quote asset.'),
    taker_buy_volume: kline('amount', 'V', 'Quantity of the base asset bought from those who waited in the book.'),
    taker_buy_quote_volume: kline('amount', 'Q', 'The same in the quote asset.'),
    trades: kline('integer', 'n', 'Number of trades.'),
    first_trade_id: kline('integer', 'f', 'Number of the first trade, -1 without trades.'),
    last_trade_id: kline('integer', 'L', 'Number of the last trade, -1 without trades.'),
    closed: kline('boolean', 'x', 'Whether the candle is complete.'),
    event_time_ms: eventTime,
  },
};

/** The types that a column of a kind may be declared with. */
export const acceptedTypes: Readonly<Record<FieldKind, readonly DataType['kind'][]>> = {
  text: ['VARCHAR'],
  amount: ['DECIMAL', 'DOUBLE', 'VARCHAR'],
  integer: ['BIGINT', 'VARCHAR'],
  millis: ['BIGINT', 'TIMESTAMP_LTZ'],
  boolean: ['BOOLEAN', 'VARCHAR'],
};

/** The types of a kind as a user writes them. */
export const acceptedText: Readonly<Record<FieldKind, string>> = {
  text: 'STRING',
  amount: 'DECIMAL(p, s), DOUBLE or STRING',
  integer: 'BIGINT or STRING',
  millis: 'BIGINT or TIMESTAMP_LTZ(p)',
  boolean: 'BOOLEAN or STRING',
};
