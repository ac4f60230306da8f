-- Nexmark q15: bids, bidders and auctions of a day: COUNT DISTINCT with filters
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

CREATE TABLE q15 (
  `day`          STRING,
  total_bids     BIGINT,
  rank1          BIGINT,
  rank2          BIGINT,
  total_bidders  BIGINT,
  rank1_bidders  BIGINT,
  total_auctions BIGINT
) WITH (
  'connector' = 'print'
);

INSERT INTO q15
SELECT
  DATE_FORMAT(event_time, 'yyyy-MM-dd') AS `day`,
  COUNT(*) AS total_bids,
  COUNT(*) FILTER (WHERE price < 10000) AS rank1,
  COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2,
  COUNT(DISTINCT bidder) AS total_bidders,
  COUNT(DISTINCT bidder) FILTER (WHERE price < 10000) AS rank1_bidders,
  COUNT(DISTINCT auction) AS total_auctions
FROM bid
GROUP BY DATE_FORMAT(event_time, 'yyyy-MM-dd');
