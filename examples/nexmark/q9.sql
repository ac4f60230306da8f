-- Nexmark q9: winning bid of each auction: a join, then the first row by price and time
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

CREATE VIEW auction AS
SELECT e.auction.id, e.auction.itemName, e.auction.seller, e.auction.category, e.auction.reserve, event_time
FROM events AS e
WHERE event_type = 1;

CREATE VIEW bid AS
SELECT e.bid.auction, e.bid.bidder, e.bid.price, e.bid.channel, event_time
FROM events AS e
WHERE event_type = 2;

CREATE TABLE q9 (
  id       BIGINT,
  itemName STRING,
  auction  BIGINT,
  bidder   BIGINT,
  price    BIGINT,
  bidTime  TIMESTAMP(3)
) WITH (
  'connector' = 'print'
);

INSERT INTO q9
SELECT id, itemName, auction, bidder, price, bidTime
FROM (
  SELECT
    A.id,
    A.itemName,
    B.auction,
    B.bidder,
    B.price,
    B.event_time AS bidTime,
    ROW_NUMBER() OVER (PARTITION BY A.id ORDER BY B.price DESC, B.event_time ASC) AS rownum
  FROM auction A, bid B
  WHERE A.id = B.auction AND B.event_time BETWEEN A.event_time AND A.event_time + INTERVAL '1' DAY
)
WHERE rownum <= 1;
