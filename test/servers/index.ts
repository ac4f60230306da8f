/**
 * Real servers for tests.
 *
 *   const servers = await need('kafka', 'postgres');          // at the top of a test file
 *   servers.describe('the job', () => {
 *     it('writes rows', async () => {
 *       const topic = await createTopic(servers.kafka);        // a topic of this test's own
 *       const database = await freshDatabase(servers.postgres); // a database of this test's own
 *       await produce(servers.kafka, topic, [{ value: '{"price": 1}' }]);
 *       expect(await database.query('SELECT …')).toEqual([…]);
 *       await database.drop();
 *
 * `need` finds each server in this order: its address in the environment (CRYPTOPIPE_TEST_KAFKA=host:port,
 * CRYPTOPIPE_TEST_POSTGRES=postgres://user:password@host:port/database), Docker, programs of this machine (Java and
 * Maven for Apache Kafka, PostgreSQL's own binaries). A server is started when the first test file asks for it, shared
 * by all files of the run and stopped at its end. Where none is found, `servers.describe` skips its tests and the run
 * ends with a line that counts them; with CRYPTOPIPE_TEST_REQUIRE_SERVERS=1 they fail instead.
 *
 * Tests that stop, kill or configure a server start one of their own: `need('own-kafka')` and `startKafka()`,
 * `need('own-postgres')` and `startPostgres()`. They need the programs, Docker does not do.
 *
 * The shared PostgreSQL runs with `timezone = 'Asia/Kolkata'`, so that code that leans on the server's zone shows.
 */
export { type Child, freePort, spawnChild, until } from './child.ts';
export { type OwnKafka, type OwnKafkaOptions, startKafka } from './kafka.ts';
export {
  committedOffsets,
  createTopic,
  endOffsets,
  openProducer,
  produce,
  produceTo,
  readTopic,
  type TestMessage,
  type TestProducer,
  type TopicMessage,
  uniqueName,
} from './kafka-client.ts';
export { type Need, need, type Servers } from './need.ts';
export { startPgbouncer } from './pgbouncer.ts';
export { type OwnPostgres, type OwnPostgresOptions, ownPostgres, startPostgres } from './postgres.ts';
export { type Database, freshDatabase, query } from './postgres-client.ts';
export { startStandby } from './standby.ts';
