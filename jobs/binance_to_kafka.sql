-- Publishes the newest prices of Binance to Kafka: a topic for each coin.
--
--   cryptopipe run --create-tables jobs/binance_to_kafka.sql
--
-- Messages are JSON: {"symbol": "BTCUSDT", "price": "64250.01000000", "event_time_ms": 1700000000000}.

SET 'pipeline.name' = 'binance_to_kafka';

CREATE TABLE prices (
  symbol        STRING,
  price         STRING,  -- as Binance writes it, digit for digit
  event_time_ms BIGINT
) WITH (
  'connector' = 'binance',
  'symbols' = 'BTCUSDT;AVAXUSDT;BNBUSDT;SOLUSDT',
  'stream' = 'price',
  'interval' = '500 ms'
);

CREATE TABLE ticks (
  symbol        STRING,
  price         STRING,
  event_time_ms BIGINT,
  topic         STRING METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'BTC;AVA;BNB;SOL',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}',
  'format' = 'json'
);

INSERT INTO ticks
SELECT
  symbol,
  price,
  event_time_ms,
  CASE symbol
    WHEN 'BTCUSDT' THEN 'BTC'
    WHEN 'AVAXUSDT' THEN 'AVA'
    WHEN 'BNBUSDT' THEN 'BNB'
    WHEN 'SOLUSDT' THEN 'SOL'
  END AS topic
FROM prices;
