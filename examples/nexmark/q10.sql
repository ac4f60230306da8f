-- Nexmark q10: bids into files by day and hour (the benchmark's partitions are minutes)
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

CREATE TABLE q10 (
  auction    BIGINT,
  bidder     BIGINT,
  price      BIGINT,
  `dateTime` TIMESTAMP(3),
  extra      STRING,
  `day`      STRING,
  `hour`     STRING
) PARTITIONED BY (`day`, `hour`) WITH (
  'connector' = 'filesystem',
  'path' = '${OUT:-examples/nexmark/output}/q10',
  'format' = 'json'
);

INSERT INTO q10
SELECT
  auction,
  bidder,
  price,
  `dateTime`,
  extra,
  DATE_FORMAT(`dateTime`, 'yyyy-MM-dd') AS `day`,
  DATE_FORMAT(`dateTime`, 'HH') AS `hour`
FROM bid;
