-- Keeps the newest price of each symbol, of messages that nobody vouches for: what is wrong goes into a table of its own.
--
--   cryptopipe run --create-tables jobs/crypto_prices_checked.sql
--
-- Messages are those of crypto_prices.sql, from the same topics. Each of them ends in one of three places:
--
--   machine.crypto_prices_checked  the newest tick of each symbol and topic
--   machine.crypto_price_rejects   ticks that were read, but are wrong: with what is wrong with them
--   machine.crypto_price_letters   messages that are no JSON, as they came: cryptopipe's dead letters

SET 'pipeline.name' = 'crypto_prices_checked';
SET 'table.local-time-zone' = 'UTC';

-- Flink reads over these; there the first message that is no JSON stops the job, and the last tick wins, however old.
SET 'cryptopipe.dead-letter.table' = 'letters';
SET 'cryptopipe.table.ticks.on-error' = 'dead-letter';
SET 'cryptopipe.table.crypto_prices_checked.newer-than' = 'event_time';

-- Strings take whatever stands there; what it is worth is looked at below.
CREATE TABLE ticks (
  symbol        STRING,
  price         STRING,
  event_time_ms STRING,
  topic         STRING METADATA VIRTUAL,
  `partition`   INT METADATA VIRTUAL,
  `offset`      BIGINT METADATA VIRTUAL
) WITH (
  'connector' = 'kafka',
  'topic' = 'BTC;SOL;BNB',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}',
  'properties.group.id' = 'crypto_prices_checked',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json'
);

-- Ticks come out of order and more than once: a later row is never replaced by an earlier one, equal ones change nothing.
CREATE TABLE crypto_prices_checked (
  symbol     STRING,
  topic      STRING,
  price      DECIMAL(28, 10),
  event_time TIMESTAMP(3),
  PRIMARY KEY (symbol, topic) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL:-jdbc:postgresql://localhost:5432/postgres}',
  'table-name' = 'machine.crypto_prices_checked',
  'username' = '${JDBC_USER:-postgres}',
  'password' = '${JDBC_PASSWORD:-postgres}'
);

CREATE TABLE rejects (
  topic         STRING,
  `partition`   INT,
  `offset`      BIGINT,
  problem       STRING,
  symbol        STRING,
  price         STRING,
  event_time_ms STRING,
  PRIMARY KEY (topic, `partition`, `offset`) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL:-jdbc:postgresql://localhost:5432/postgres}',
  'table-name' = 'machine.crypto_price_rejects',
  'username' = '${JDBC_USER:-postgres}',
  'password' = '${JDBC_PASSWORD:-postgres}'
);

-- Both INSERTs read the topics: by key, a letter that both of them write stands there once.
CREATE TABLE letters (
  split_name     STRING,
  split_position STRING,
  failed_at      TIMESTAMP_LTZ(3),
  error_code     STRING,
  error_message  STRING,
  record_value   BYTES,
  PRIMARY KEY (split_name, split_position) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL:-jdbc:postgresql://localhost:5432/postgres}',
  'table-name' = 'machine.crypto_price_letters',
  'username' = '${JDBC_USER:-postgres}',
  'password' = '${JDBC_PASSWORD:-postgres}'
);

CREATE VIEW typed AS
SELECT
  topic,
  `partition`,
  `offset`,
  symbol AS given_symbol,
  price AS given_price,
  event_time_ms AS given_time,
  UPPER(TRIM(symbol)) AS symbol,
  TRY_CAST(price AS DECIMAL(28, 10)) AS price,
  TRY_CAST(event_time_ms AS BIGINT) AS event_time_ms
FROM ticks;

-- Times below 1 000 000 000 000 ms (September 2001) are seconds or garbage; those above 4 102 444 800 000 (2100) micros.
CREATE VIEW checked AS
SELECT
  *,
  CASE
    WHEN symbol IS NULL OR symbol = '' THEN 'no symbol'
    WHEN given_price IS NULL THEN 'no price'
    WHEN price IS NULL THEN 'price is no number'
    WHEN price <= 0 THEN 'price is not positive'
    WHEN price > 100000000 THEN 'price is out of range'
    WHEN given_time IS NULL THEN 'no time'
    WHEN event_time_ms IS NULL THEN 'time is no whole number'
    WHEN event_time_ms < 1000000000000 THEN 'time is before 2001'
    WHEN event_time_ms > 4102444800000 THEN 'time is after 2099'
  END AS problem
FROM typed;

EXECUTE STATEMENT SET
BEGIN
  INSERT INTO crypto_prices_checked
  SELECT symbol, topic, price, CAST(TO_TIMESTAMP_LTZ(event_time_ms, 3) AS TIMESTAMP(3)) AS event_time
  FROM checked
  WHERE problem IS NULL;
  INSERT INTO rejects
  SELECT topic, `partition`, `offset`, problem, given_symbol, given_price, given_time
  FROM checked
  WHERE problem IS NOT NULL;
END;
