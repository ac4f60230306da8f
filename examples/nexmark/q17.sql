-- Nexmark q17: bids and prices of each auction and day
CREATE TABLE events (
  event_type INT,
  person     ROW<
    id BIGINT,
    name STRING,
    emailAddress STRING,
    city STRING,
    state STRING,
    `dateTime` TIMESTAMP(3),
    extra STRING
  >,
  auction    ROW<
    id BIGINT,
    itemName STRING,
    initialBid BIGINT,
    reserve BIGINT,
    seller BIGINT,
    category BIGINT,
    `dateTime` TIMESTAMP(3),
    extra STRING
  >,
  bid        ROW<
    auction BIGINT,
    bidder BIGINT,
    price BIGINT,
    channel STRING,
    url STRING,
    `dateTime` TIMESTAMP(3),
    extra STRING
  >,
  event_time AS CASE event_type
    WHEN 0 THEN person.`dateTime`
    WHEN 1 THEN auction.`dateTime`
    ELSE bid.`dateTime`
  END,
  WATERMARK FOR event_time AS event_time - INTERVAL '4' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = '${DIR:-examples/nexmark/inputs}/events.jsonl',
  'format' = 'json'
);

CREATE VIEW bid AS
SELECT e.bid.auction, e.bid.bidder, e.bid.price, e.bid.channel, event_time
FROM events AS e
WHERE event_type = 2;

CREATE TABLE q17 (
  auction    BIGINT,
  `day`      STRING,
  total_bids BIGINT,
  rank1_bids BIGINT,
  min_price  BIGINT,
  max_price  BIGINT,
  avg_price  BIGINT,
  sum_price  BIGINT
) WITH (
  'connector' = 'print'
);

INSERT INTO q17
SELECT
  auction,
  DATE_FORMAT(event_time, 'yyyy-MM-dd') AS `day`,
  COUNT(*) AS total_bids,
  COUNT(*) FILTER (WHERE price < 10000) AS rank1_bids,
  MIN(price) AS min_price,
  MAX(price) AS max_price,
  AVG(price) AS avg_price,
  SUM(price) AS sum_price
FROM bid
GROUP BY auction, DATE_FORMAT(event_time, 'yyyy-MM-dd');
