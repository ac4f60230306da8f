-- Nexmark q1: prices in euro instead of dollar
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
SELECT e.bid.auction, e.bid.bidder, e.bid.price, e.bid.channel, e.bid.url, e.bid.`dateTime`, e.bid.extra
FROM events AS e
WHERE event_type = 2;

CREATE TABLE q1 (
  auction    BIGINT,
  bidder     BIGINT,
  price      DECIMAL(23, 3),
  `dateTime` TIMESTAMP(3),
  extra      STRING
) WITH (
  'connector' = 'filesystem',
  'path' = '${OUT:-examples/nexmark/output}/q1',
  'format' = 'json'
);

INSERT INTO q1
SELECT auction, bidder, 0.908 * price AS price, `dateTime`, extra
FROM bid;
