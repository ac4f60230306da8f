-- codes: syntax
SELECT 1 FORM t;
-- codes: unterminated-string
SELECT 'abc;
-- codes: unterminated-comment
SELECT 1 /* never ends;
-- codes: unknown-character
SELECT （1）;
-- codes: reserved-word
CREATE TABLE t (value STRING, n INT, timestamp BIGINT) WITH ('connector' = 'datagen');
SELECT n FROM t;
-- codes: too-deep
SELECT ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))));
-- codes: missing-variable
SELECT '${NOT_SET}';
-- codes: empty-job
-- Nothing but a comment.
-- codes: unsupported
CREATE FUNCTION f AS 'com.example.F';
-- codes: duplicate-name
CREATE TABLE t (a INT, a STRING) WITH ('connector' = 'datagen');
SELECT a FROM t;
-- codes: unknown-setting
SET 'pipeline.nam' = 'x';
-- codes: bad-setting
SET 'table.local-time-zone' = 'Nowhere/City';
-- codes: unknown-table
CREATE TABLE orders (a INT) WITH ('connector' = 'datagen');
SELECT a FROM order_;
-- codes: unknown-column
CREATE TABLE t (price INT) WITH ('connector' = 'datagen');
SELECT pirce FROM t;
-- codes: ambiguous-column
CREATE TABLE t (a INT) WITH ('connector' = 'datagen');
CREATE TABLE u (a INT) WITH ('connector' = 'datagen');
SELECT a FROM t JOIN u ON t.a = u.a;
-- codes: unknown-function
SELECT UPER('a');
-- codes: type-mismatch
CREATE TABLE t (a INT) WITH ('connector' = 'datagen');
SELECT a FROM t WHERE a;
-- codes: invalid-argument
SELECT UPPER(1);
-- codes: invalid-cast
SELECT CAST(TRUE AS DATE);
-- codes: invalid-literal
SELECT DATE '2024-13-01';
-- codes: invalid-type
CREATE TABLE t (a TEXT) WITH ('connector' = 'datagen');
SELECT 1 FROM t;
-- codes: invalid-query
CREATE TABLE t (a INT) WITH ('connector' = 'datagen');
SELECT a FROM t WHERE COUNT(*) > 1;
-- codes: missing-connector
CREATE TABLE t (a INT) WITH ('format' = 'json');
SELECT a FROM t;
-- codes: unknown-connector
CREATE TABLE t (a INT) WITH ('connector' = 'kafak');
SELECT a FROM t;
-- codes: unknown-format
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = '/tmp/x', 'format' = 'jsno');
-- codes: unknown-option
CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'rows-per-secnod' = '1');
-- codes: missing-option
CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'format' = 'json');
SELECT a FROM t;
-- codes: bad-option
CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'rows-per-second' = 'many');
-- codes: conflicting-options
CREATE TABLE t (a INT) WITH (
  'connector' = 'kafka', 'topic' = 'a', 'topic-pattern' = 'b.*', 'properties.bootstrap.servers' = 'localhost:9092',
  'properties.group.id' = 'g', 'format' = 'json'
);
SELECT a FROM t;
-- codes: wrong-role
CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
SELECT a FROM t;
-- codes: unknown-metadata
CREATE TABLE t (a INT, o BIGINT METADATA FROM 'ofset' VIRTUAL) WITH (
  'connector' = 'kafka', 'topic' = 'a', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json'
);
-- codes: invalid-key
CREATE TABLE t (a INT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'blackhole');
-- codes: column-count
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'blackhole');
INSERT INTO s SELECT 1;
-- codes: sink-type
CREATE TABLE t (id BIGINT, name STRING) WITH ('connector' = 'datagen');
CREATE TABLE s (name STRING, id BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO s SELECT id, name FROM t;
-- codes: unused-table
CREATE TABLE t (a INT) WITH ('connector' = 'datagen');
SELECT 1;
-- codes: select-star
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'datagen');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'blackhole');
INSERT INTO s SELECT * FROM t;
-- codes: never-true
CREATE TABLE t (a INT) WITH ('connector' = 'datagen');
SELECT a FROM t WHERE a > 5 AND a < 3;
-- codes: time-unit
CREATE TABLE t (event_time_ms BIGINT) WITH ('connector' = 'datagen');
SELECT event_time_ms FROM t WHERE event_time_ms > 1700000000;
-- codes: latest-offset
CREATE TABLE t (a INT) WITH (
  'connector' = 'kafka', 'topic' = 'a', 'properties.bootstrap.servers' = 'localhost:9092',
  'properties.group.id' = 'g', 'scan.startup.mode' = 'latest-offset', 'format' = 'json'
);
SELECT a FROM t;
-- codes: credentials
CREATE TABLE s (a INT) WITH (
  'connector' = 'jdbc', 'url' = 'jdbc:postgresql://localhost/db', 'table-name' = 's', 'username' = 'u', 'password' = 'hunter2'
);
INSERT INTO s SELECT 1;
-- codes: not-portable
CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'seed' = '1');
SELECT a FROM t;
-- codes: unknown-code
-- cryptopipe: allow(select-stra)
SELECT 1;
-- codes: not-replayable
CREATE TABLE p (symbol STRING, price STRING, event_time_ms BIGINT) WITH (
  'connector' = 'binance', 'symbols' = 'BTCUSDT', 'stream' = 'price'
);
CREATE TABLE s (symbol STRING) WITH (
  'connector' = 'kafka', 'topic' = 'a', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json',
  'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'x'
);
INSERT INTO s SELECT symbol FROM p;
-- codes: sink-changelog
CREATE TABLE t (symbol STRING) WITH ('connector' = 'datagen');
CREATE TABLE s (symbol STRING, n BIGINT) WITH (
  'connector' = 'kafka', 'topic' = 'a', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json'
);
INSERT INTO s SELECT symbol, COUNT(*) FROM t GROUP BY symbol;
INSERT INTO s SELECT symbol, COUNT(*) OVER (ORDER BY symbol) FROM t;
-- codes: unbounded-state
CREATE TABLE o (id BIGINT, amount INT) WITH ('connector' = 'datagen');
CREATE TABLE p (order_id BIGINT, bank STRING) WITH ('connector' = 'datagen');
SELECT id, bank FROM o JOIN p ON id = order_id;
SELECT bank, COUNT(*) FROM p GROUP BY bank;
SELECT id, COUNT(*) OVER (ORDER BY id) FROM o;
