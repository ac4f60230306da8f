-- Nexmark q4: mean of the closing prices of each category: a join, then two levels of aggregates
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

CREATE TABLE q4 (
  category BIGINT,
  average  BIGINT
) WITH (
  'connector' = 'print'
);

INSERT INTO q4
SELECT Q.category, AVG(Q.final) AS average
FROM (
  SELECT MAX(B.price) AS final, A.category
  FROM auction A, bid B
  WHERE A.id = B.auction AND B.event_time BETWEEN A.event_time AND A.event_time + INTERVAL '1' DAY
  GROUP BY A.id, A.category
) Q
GROUP BY Q.category;
