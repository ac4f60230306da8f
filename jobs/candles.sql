-- Candles per symbol from trades, of one minute and of one hour: Kafka topic trades → PostgreSQL tables candles_1m, candles_1h.
--
--   cryptopipe run --create-tables jobs/candles.sql
--
-- Messages are JSON:
-- {"symbol": "BTCUSDT", "trade_id": 1, "price": "64250.01", "quantity": "0.015", "trade_time_ms": 1700000000000}.
--
-- A candle is written when it is over, its open and close by the time of trades, not by their arrival. Trades may come five
-- seconds late; later ones are left out of candles already written, and kept in the table late_trades.

SET 'pipeline.name' = 'candles';
SET 'table.local-time-zone' = 'UTC';
-- A partition without trades holds nobody up for longer than this.
SET 'table.exec.source.idle-timeout' = '10 s';
SET 'cryptopipe.dead-letter.table' = 'late_trades';
SET 'cryptopipe.late-rows' = 'dead-letter';

CREATE TABLE trades (
  symbol        STRING,
  trade_id      BIGINT,
  price         DECIMAL(18, 8),
  quantity      DECIMAL(18, 8),
  trade_time_ms BIGINT,
  trade_time    AS TO_TIMESTAMP_LTZ(trade_time_ms, 3),
  -- The price behind a text that sorts as the trades happened: of its MIN the price is the open, of its MAX the close.
  tick          AS LPAD(CAST(trade_time_ms AS STRING), 15, '0')
    || LPAD(CAST(trade_id AS STRING), 20, '0')
    || CAST(price AS STRING),
  WATERMARK FOR trade_time AS trade_time - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'trades',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}',
  'properties.group.id' = 'candles',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json'
);

CREATE TABLE candles_1m (
  symbol       STRING,
  window_start TIMESTAMP(3),
  open_price   DECIMAL(18, 8),
  high_price   DECIMAL(18, 8),
  low_price    DECIMAL(18, 8),
  close_price  DECIMAL(18, 8),
  volume       DECIMAL(38, 8),
  vwap         DECIMAL(38, 8),
  trades       BIGINT,
  PRIMARY KEY (symbol, window_start) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL:-jdbc:postgresql://localhost:5432/postgres}',
  'table-name' = 'machine.candles_1m',
  'username' = '${JDBC_USER:-postgres}',
  'password' = '${JDBC_PASSWORD:-postgres}'
);

CREATE TABLE candles_1h (
  symbol       STRING,
  window_start TIMESTAMP(3),
  open_price   DECIMAL(18, 8),
  high_price   DECIMAL(18, 8),
  low_price    DECIMAL(18, 8),
  close_price  DECIMAL(18, 8),
  volume       DECIMAL(38, 8),
  vwap         DECIMAL(38, 8),
  trades       BIGINT,
  PRIMARY KEY (symbol, window_start) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL:-jdbc:postgresql://localhost:5432/postgres}',
  'table-name' = 'machine.candles_1h',
  'username' = '${JDBC_USER:-postgres}',
  'password' = '${JDBC_PASSWORD:-postgres}'
);

CREATE TABLE late_trades (
  failed_at    TIMESTAMP_LTZ(3),
  job_name     STRING,
  table_name   STRING,
  error_code   STRING,
  record_value STRING
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL:-jdbc:postgresql://localhost:5432/postgres}',
  'table-name' = 'machine.late_trades',
  'username' = '${JDBC_USER:-postgres}',
  'password' = '${JDBC_PASSWORD:-postgres}'
);

INSERT INTO candles_1m
SELECT
  symbol,
  window_start,
  CAST(SUBSTRING(MIN(tick), 36) AS DECIMAL(18, 8)) AS open_price,
  MAX(price) AS high_price,
  MIN(price) AS low_price,
  CAST(SUBSTRING(MAX(tick), 36) AS DECIMAL(18, 8)) AS close_price,
  SUM(quantity) AS volume,
  SUM(price * quantity) / SUM(quantity) AS vwap,
  COUNT(*) AS trades
FROM TABLE(TUMBLE(TABLE trades, DESCRIPTOR(trade_time), INTERVAL '1' MINUTE))
WHERE price > 0 AND quantity > 0
GROUP BY window_start, window_end, symbol;

INSERT INTO candles_1h
SELECT
  symbol,
  window_start,
  CAST(SUBSTRING(MIN(tick), 36) AS DECIMAL(18, 8)) AS open_price,
  MAX(price) AS high_price,
  MIN(price) AS low_price,
  CAST(SUBSTRING(MAX(tick), 36) AS DECIMAL(18, 8)) AS close_price,
  SUM(quantity) AS volume,
  SUM(price * quantity) / SUM(quantity) AS vwap,
  COUNT(*) AS trades
FROM TABLE(TUMBLE(TABLE trades, DESCRIPTOR(trade_time), INTERVAL '1' HOUR))
WHERE price > 0 AND quantity > 0
GROUP BY window_start, window_end, symbol;
