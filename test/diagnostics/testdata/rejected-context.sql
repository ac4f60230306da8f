CREATE TABLE orders (id BIGINT, user_id INT, product STRING, price DECIMAL(10, 2), qty INT, tags ARRAY<STRING>, attrs MAP<STRING, STRING>, addr ROW<city STRING, zip STRING>, ts TIMESTAMP(3), proc AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'datagen');
CREATE TABLE users (id INT, name STRING, `value` DOUBLE, `timestamp` TIMESTAMP(3), PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'datagen');
CREATE TABLE payments (order_id BIGINT, amount DECIMAL(10, 2), pts TIMESTAMP(3), WATERMARK FOR pts AS pts) WITH ('connector' = 'datagen');
CREATE TABLE sink1 (a BIGINT, b STRING, c DECIMAL(10, 2)) WITH ('connector' = 'blackhole');
CREATE TABLE psink (a BIGINT, b STRING, dt STRING) PARTITIONED BY (dt) WITH ('connector' = 'filesystem', 'path' = '/data/x', 'format' = 'json');
CREATE TABLE quotes (product STRING, price DECIMAL(10, 2), qts TIMESTAMP(3), WATERMARK FOR qts AS qts - INTERVAL '1' SECOND, PRIMARY KEY (product) NOT ENFORCED) WITH ('connector' = 'datagen');
CREATE TABLE totals (product STRING, n BIGINT, PRIMARY KEY (product) NOT ENFORCED) WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://localhost:5432/db', 'table-name' = 'totals');
CREATE TABLE prices (symbol STRING, price STRING, event_time BIGINT, `timestamp` AS TO_TIMESTAMP_LTZ(event_time, 3)) WITH ('connector' = 'kafka', 'topic' = 'prices', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
CREATE TABLE latest (symbol STRING, price DECIMAL(18, 8), seen TIMESTAMP_LTZ(3), PRIMARY KEY (symbol) NOT ENFORCED) WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://localhost:5432/db', 'table-name' = 'latest');
