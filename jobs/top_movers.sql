-- The three symbols that moved most in each five minutes: Kafka topic trades → PostgreSQL table top_movers.
--
--   cryptopipe run --create-tables jobs/top_movers.sql
--
-- Messages are those of candles.sql.

SET 'pipeline.name' = 'top_movers';
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
  'properties.group.id' = 'top_movers',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json'
);

CREATE TABLE top_movers (
  window_start TIMESTAMP(3),
  place        BIGINT,
  symbol       STRING,
  move_percent DECIMAL(10, 2),
  PRIMARY KEY (window_start, place) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL:-jdbc:postgresql://localhost:5432/postgres}',
  'table-name' = 'machine.top_movers',
  'username' = '${JDBC_USER:-postgres}',
  'password' = '${JDBC_PASSWORD:-postgres}'
);

INSERT INTO top_movers
SELECT window_start, place, symbol, move_percent
FROM (
  SELECT
    window_start,
    symbol,
    move_percent,
    ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY ABS(move_percent) DESC, symbol) AS place
  FROM (
    SELECT
      window_start,
      window_end,
      symbol,
      CAST((last_price - first_price) * 100 / first_price AS DECIMAL(10, 2)) AS move_percent
    FROM (
      SELECT
        window_start,
        window_end,
        symbol,
        CAST(SUBSTRING(MIN(tick), 36) AS DECIMAL(18, 8)) AS first_price,
        CAST(SUBSTRING(MAX(tick), 36) AS DECIMAL(18, 8)) AS last_price
      FROM TABLE(TUMBLE(TABLE trades, DESCRIPTOR(trade_time), INTERVAL '5' MINUTE))
      WHERE price > 0
      GROUP BY window_start, window_end, symbol
    )
  )
)
WHERE place <= 3;
