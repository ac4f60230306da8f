-- Alerts where a price moves by 2 % (PERCENT) or more within five minutes: Kafka topic trades → PostgreSQL table price_alerts.
--
--   PERCENT=1.5 cryptopipe run --create-tables jobs/price_alerts.sql
--
-- Messages are those of candles.sql. Every ten seconds the last five minutes of each symbol are looked at; a move is told
-- once for each such look. Patterns of rows (MATCH_RECOGNIZE) are not supported: this says how far, not in which shape.

SET 'pipeline.name' = 'price_alerts';
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.source.idle-timeout' = '10 s';

CREATE TABLE trades (
  symbol        STRING,
  trade_id      BIGINT,
  price         DECIMAL(18, 8),
  quantity      DECIMAL(18, 8),
  trade_time_ms BIGINT,
  trade_time    AS TO_TIMESTAMP_LTZ(trade_time_ms, 3),
  -- The price behind a text that sorts as the trades happened: of its MIN the price is the first, of its MAX the last.
  tick          AS LPAD(CAST(trade_time_ms AS STRING), 15, '0')
    || LPAD(CAST(trade_id AS STRING), 20, '0')
    || CAST(price AS STRING),
  WATERMARK FOR trade_time AS trade_time - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'trades',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}',
  'properties.group.id' = 'price_alerts',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json'
);

CREATE TABLE price_alerts (
  symbol       STRING,
  window_end   TIMESTAMP(3),
  low_price    DECIMAL(18, 8),
  high_price   DECIMAL(18, 8),
  last_price   DECIMAL(18, 8),
  move_percent DECIMAL(10, 2),
  direction    STRING,
  PRIMARY KEY (symbol, window_end) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL:-jdbc:postgresql://localhost:5432/postgres}',
  'table-name' = 'machine.price_alerts',
  'username' = '${JDBC_USER:-postgres}',
  'password' = '${JDBC_PASSWORD:-postgres}'
);

INSERT INTO price_alerts
SELECT
  symbol,
  window_end,
  low_price,
  high_price,
  last_price,
  CAST((high_price - low_price) * 100 / low_price AS DECIMAL(10, 2)) AS move_percent,
  CASE WHEN last_price >= first_price THEN 'up' ELSE 'down' END AS direction
FROM (
  SELECT
    symbol,
    window_end,
    MIN(price) AS low_price,
    MAX(price) AS high_price,
    CAST(SUBSTRING(MIN(tick), 36) AS DECIMAL(18, 8)) AS first_price,
    CAST(SUBSTRING(MAX(tick), 36) AS DECIMAL(18, 8)) AS last_price
  FROM TABLE(HOP(TABLE trades, DESCRIPTOR(trade_time), INTERVAL '10' SECOND, INTERVAL '5' MINUTE))
  WHERE price > 0
  GROUP BY window_start, window_end, symbol
)
WHERE (high_price - low_price) * 100 >= low_price * CAST('${PERCENT:-2}' AS DECIMAL(5, 2));
