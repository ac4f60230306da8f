import { Journal } from '../../../engine/operators/journal.ts';
import { runJob } from '../../../engine/runtime/run-job.ts';
import { bindAs, quiet, tableOf } from './table.ts';

/**
 * A program of the tests: copies topic FROM to topic TO of broker KAFKA exactly once, as job JOB, through the runtime
 * that runs every job, until SIGTERM.
 */
const { KAFKA = '', FROM = '', TO = '', JOB = '', FOLDER = '' } = process.env;
const table = tableOf('v');
const { use: source } = bindAs('source', table, {
  topic: FROM,
  'properties.bootstrap.servers': KAFKA,
  'scan.startup.mode': 'earliest-offset',
});
const { use: sink } = bindAs('sink', table, {
  topic: TO,
  'properties.bootstrap.servers': KAFKA,
  'sink.delivery-guarantee': 'exactly-once',
  'sink.transactional-id-prefix': 'copier',
});
if (source === undefined || sink === undefined) throw new Error('the tables are wrong');
const job = runJob(
  [
    {
      name: 'copy',
      fields: [],
      sources: [{ id: 'from', key: 'from', fields: [], create: (context) => source.createSource([0], context) }],
      createSink: (context) => sink.createSink([0], context),
      instantiate: (emit) => ({
        ports: [{ push: emit, advance: () => undefined }],
        states: [],
        journal: new Journal(),
      }),
    },
  ],
  { ...quiet(), job: JOB, fresh: false, checkpointFolder: FOLDER, maxRestartDuration: 60_000 },
);
process.once('SIGTERM', () => job.stop());
await job.done.catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
