-- Nexmark q19: ten highest bids of each auction
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

CREATE TABLE q19 (
  auction     BIGINT,
  bidder      BIGINT,
  price       BIGINT,
  rank_number BIGINT
) WITH (
  'connector' = 'print'
);

INSERT INTO q19
SELECT auction, bidder, price, rank_number
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) AS rank_number FROM bid)
WHERE rank_number <= 10;
