-- Publishes the trades of Binance to Kafka topic trades, as candles.sql, top_movers.sql and price_alerts.sql read them.
--
--   cryptopipe run --create-tables jobs/trades_to_kafka.sql
--
-- Messages are JSON:
-- {"symbol": "BTCUSDT", "trade_id": 1, "price": "64250.01000000", "quantity": "0.01500000", "trade_time_ms": 1700000000000}.

SET 'pipeline.name' = 'trades_to_kafka';

CREATE TABLE exchange_trades (
  symbol        STRING,
  trade_id      BIGINT,
  price         STRING,  -- as Binance writes it, digit for digit
  quantity      STRING,
  trade_time_ms BIGINT
) WITH (
  'connector' = 'binance',
  'symbols' = 'BTCUSDT;AVAXUSDT;BNBUSDT;SOLUSDT',
  'stream' = 'trade'
);

CREATE TABLE trades (
  symbol        STRING,
  trade_id      BIGINT,
  price         STRING,
  quantity      STRING,
  trade_time_ms BIGINT
) WITH (
  'connector' = 'kafka',
  'topic' = 'trades',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}',
  'format' = 'json'
);

INSERT INTO trades
SELECT symbol, trade_id, price, quantity, trade_time_ms
FROM exchange_trades;
