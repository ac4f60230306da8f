-- Nexmark q16: the same of each channel
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

CREATE TABLE q16 (
  channel        STRING,
  `day`          STRING,
  `minute`       STRING,
  total_bids     BIGINT,
  total_bidders  BIGINT,
  rank1_auctions BIGINT
) WITH (
  'connector' = 'print'
);

INSERT INTO q16
SELECT
  channel,
  DATE_FORMAT(event_time, 'yyyy-MM-dd') AS `day`,
  MAX(DATE_FORMAT(event_time, 'HH:mm')) AS `minute`,
  COUNT(*) AS total_bids,
  COUNT(DISTINCT bidder) AS total_bidders,
  COUNT(DISTINCT auction) FILTER (WHERE price < 10000) AS rank1_auctions
FROM bid
GROUP BY channel, DATE_FORMAT(event_time, 'yyyy-MM-dd');
