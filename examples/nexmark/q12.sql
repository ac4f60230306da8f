-- Nexmark q12: bids of each bidder in windows of the clock, so that no two runs are alike
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
SELECT
  e.bid.auction,
  e.bid.bidder,
  e.bid.price,
  e.bid.channel,
  e.bid.url,
  e.bid.`dateTime`,
  e.bid.extra,
  PROCTIME() AS p_time
FROM events AS e
WHERE event_type = 2;

CREATE TABLE q12 (
  bidder       BIGINT,
  bid_count    BIGINT,
  window_start TIMESTAMP(3),
  window_end   TIMESTAMP(3)
) WITH (
  'connector' = 'print'
);

INSERT INTO q12
SELECT bidder, COUNT(*) AS bid_count, window_start, window_end
FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(p_time), INTERVAL '10' SECOND))
GROUP BY bidder, window_start, window_end;
