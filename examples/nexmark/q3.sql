-- Nexmark q3: auctions of a category with their sellers in some states: a join of changelogs
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

CREATE VIEW person AS
SELECT e.person.id, e.person.name, e.person.city, e.person.state, event_time
FROM events AS e
WHERE event_type = 0;

CREATE VIEW auction AS
SELECT e.auction.id, e.auction.itemName, e.auction.seller, e.auction.category, e.auction.reserve, event_time
FROM events AS e
WHERE event_type = 1;

CREATE TABLE q3 (
  name  STRING,
  city  STRING,
  state STRING,
  id    BIGINT
) WITH (
  'connector' = 'print'
);

INSERT INTO q3
SELECT P.name, P.city, P.state, A.id
FROM auction AS A
INNER JOIN person AS P ON A.seller = P.id
WHERE A.category = 10 AND (P.state = 'JG' OR P.state LIKE 'A%' OR P.state LIKE 'M%');
