-- Nexmark q13: bids with a row of a table beside, looked up as it is at that moment
CREATE TABLE events (
  event_type INT,
  bid        ROW<
    auction BIGINT,
    bidder BIGINT,
    price BIGINT,
    channel STRING,
    url STRING,
    `dateTime` TIMESTAMP(3),
    extra STRING
  >
) WITH (
  'connector' = 'filesystem',
  'path' = '${DIR:-examples/nexmark/inputs}/events.jsonl',
  'format' = 'json'
);

CREATE VIEW bid AS
SELECT
  e.bid.auction,
  e.bid.bidder,
  e.bid.price,
  e.bid.channel,
  e.bid.url,
  e.bid.`dateTime`,
  e.bid.extra,
  PROCTIME() AS p_time
FROM events AS e
WHERE event_type = 2;

CREATE TABLE side_input (
  id      BIGINT,
  `value` STRING
) WITH (
  'connector' = 'jdbc',
  'url' = '${JDBC_URL:-jdbc:postgresql://localhost:5432/postgres}',
  'username' = '${JDBC_USER:-postgres}',
  'password' = '${JDBC_PASSWORD:-postgres}',
  'table-name' = 'side_input',
  'lookup.cache' = 'PARTIAL',
  'lookup.partial-cache.max-rows' = '10000',
  'lookup.partial-cache.expire-after-write' = '10 min'
);

CREATE TABLE q13 (
  auction    BIGINT,
  bidder     BIGINT,
  price      BIGINT,
  `dateTime` TIMESTAMP(3),
  `value`    STRING
) WITH (
  'connector' = 'filesystem',
  'path' = '${OUT:-examples/nexmark/output}/q13',
  'format' = 'json'
);

INSERT INTO q13
SELECT B.auction, B.bidder, B.price, B.`dateTime`, S.`value`
FROM bid AS B
JOIN side_input FOR SYSTEM_TIME AS OF B.p_time AS S ON MOD(B.auction, 10000) = S.id;
