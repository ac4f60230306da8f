-- Keeps the newest price of each symbol: Kafka topics BTC, SOL and BNB → PostgreSQL table machine.crypto_prices.
--
--   cryptopipe run --create-tables jobs/crypto_prices.sql
--
-- Messages are JSON: {"symbol": "BTCUSDT", "price": "64250.01", "event_time_ms": 1700000000000}.

SET 'pipeline.name' = 'crypto_prices';
SET 'table.local-time-zone' = 'UTC';

-- Only the newest prices count: older ones need not be read.
-- cryptopipe: allow(latest-offset)
CREATE TABLE btc (
  symbol        STRING,
  price         DOUBLE,  -- a number, or a string holding a number
  event_time_ms BIGINT
) WITH (
  'connector' = 'kafka',
  'topic' = 'BTC',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}',
  'properties.group.id' = 'crypto_prices',
  'scan.startup.mode' = 'latest-offset',
  'format' = 'json'
);

CREATE TABLE sol (
  symbol        STRING,
  price         DOUBLE,
  event_time_ms BIGINT
) WITH (
  'connector' = 'kafka',
  'topic' = 'SOL',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}',
  'properties.group.id' = 'crypto_prices',
  'scan.startup.mode' = 'latest-offset',
  'format' = 'json'
);

CREATE TABLE bnb (
  symbol        STRING,
  price         DOUBLE,
  event_time_ms BIGINT
) WITH (
  'connector' = 'kafka',
  'topic' = 'BNB',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}',
  'properties.group.id' = 'crypto_prices',
  'scan.startup.mode' = 'latest-offset',
  'format' = 'json'
);

CREATE TABLE crypto_prices (
  symbol     STRING,
  price      DOUBLE,
  event_time TIMESTAMP(3),
  topic      STRING,
  PRIMARY KEY (symbol, topic) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL:-jdbc:postgresql://localhost:5432/postgres}',
  'table-name' = 'machine.crypto_prices',
  'username' = '${JDBC_USER:-postgres}',
  'password' = '${JDBC_PASSWORD:-postgres}'
);

-- Times at or below 1 000 000 000 000 ms (September 2001) are seconds or garbage, not milliseconds.
INSERT INTO crypto_prices
SELECT symbol, price, CAST(TO_TIMESTAMP_LTZ(event_time_ms, 3) AS TIMESTAMP(3)) AS event_time, 'BTC' AS topic
FROM btc
WHERE event_time_ms > 1000000000000
UNION ALL
SELECT symbol, price, CAST(TO_TIMESTAMP_LTZ(event_time_ms, 3) AS TIMESTAMP(3)) AS event_time, 'SOL' AS topic
FROM sol
WHERE event_time_ms > 1000000000000
UNION ALL
SELECT symbol, price, CAST(TO_TIMESTAMP_LTZ(event_time_ms, 3) AS TIMESTAMP(3)) AS event_time, 'BNB' AS topic
FROM bnb
WHERE event_time_ms > 1000000000000;
