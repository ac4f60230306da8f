-- Nexmark q8: people who opened an auction soon after they came: windows joined
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

CREATE TABLE q8 (
  id        BIGINT,
  name      STRING,
  starttime TIMESTAMP(3)
) WITH (
  'connector' = 'print'
);

INSERT INTO q8
SELECT P.id, P.name, P.starttime
FROM (
  SELECT id, name, window_start AS starttime, window_end AS endtime
  FROM TABLE(TUMBLE(TABLE person, DESCRIPTOR(event_time), INTERVAL '6' HOUR))
  GROUP BY id, name, window_start, window_end
) P
JOIN (
  SELECT seller, window_start AS starttime, window_end AS endtime
  FROM TABLE(TUMBLE(TABLE auction, DESCRIPTOR(event_time), INTERVAL '6' HOUR))
  GROUP BY seller, window_start, window_end
) A
  ON P.id = A.seller AND P.starttime = A.starttime AND P.endtime = A.endtime;
