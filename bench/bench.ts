import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Case, CREATE_TARGET, cases, jobOf } from './cases.ts';
import { type LiveJob, measureFirstRow, measureLatency } from './latency.ts';
import { machine } from './machine.ts';
import { openPlace, type Place } from './place.ts';
import { measure } from './process-figures.ts';
import { type Report, type Result, renderReport } from './report.ts';
import { FlinkCluster, findFlink, flinkVersions } from './runners/flink.ts';
import { median } from './statistics.ts';

const { values: flags } = parseArgs({
  options: {
    'with-flink': { type: 'boolean', default: false },
    only: { type: 'string' },
    runs: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
const runs = Number(flags.runs);
const scale = Number(flags.scale);
const only = flags.only?.split(',');
const wanted = (name: string) => only === undefined || only.includes(name);
const BIN = path.resolve('dist/bin/cryptopipe.js');
const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Flink's JDBC sink writes batches of 100 rows unless told otherwise: both are measured. */
const TUNED = { 'sink.buffer-flush.max-rows': '5000' };

const place = await openPlace(say);
const results: Result[] = [];
const flink = flags['with-flink'] ? new FlinkCluster(findFlink()) : undefined;
type Runner = [name: string, start: (job: string) => LiveJob];

/** Who runs a job that has no end; what to start for it. */
const runners: readonly Runner[] = [
  ['cryptopipe', ownJob],
  ...(flink === undefined ? [] : [['Flink, default', (job) => flink.live(job)] satisfies Runner]),
];

try {
  await flink?.start();
  for (const each of cases) if (wanted(each.name)) await runCase(each, place);
  if (only?.includes('soak')) await soak(place);
  if (wanted('first-row')) await runFirstRow(place);
  if (wanted('latency')) for (const rate of [20, 200, 5000]) await runLatency(place, rate);
} finally {
  flink?.stop();
  await place.close();
}

const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  machine: machine(),
  versions: `Node ${process.version}${flink === undefined ? '' : `, Flink ${flinkVersions.flink}`}`,
  command: `npm run bench -- ${process.argv.slice(2).join(' ')}`,
  runs,
  results,
};
process.stdout.write(renderReport(report));
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report, null, 2)}\n`);

async function runCase(each: Case, { kafka, database }: Place): Promise<void> {
  const messages = Math.round(each.messages * scale);
  const topics = await place.filled(each.make, messages);
  const places = { kafka, topics, database };
  const expected = each.holds?.(messages);

  await repeat(each, 'cryptopipe', messages, async (run) => {
    await clearTarget();
    const file = path.resolve('dist', 'bench', `${each.name}.sql`);
    writeFileSync(file, `SET 'pipeline.name' = 'bench-${each.name}-${run}-${Date.now()}';\n${jobOf(each, places)}`);
    const figures = await measure(process.execPath, [BIN, 'run', '--log-format', 'json', file]);
    const rows = Number(
      /"event":"job_ended".*?"rows":(\d+)/.exec(figures.stderr)?.[1] ?? /"rows":(\d+)/.exec(figures.stderr)?.[1],
    );
    if (each.sink === 'blackhole' && rows !== messages) throw new Error(`${rows} of ${messages} rows arrived`);
    await checkTarget(expected);
    return figures;
  });

  await repeat(each, 'kafkajs loop', messages, async () => {
    await clearTarget();
    const target = each.sink === 'jdbc' ? database.url : '-';
    const figures = await measure(process.execPath, ['dist/bench/kafkajs-loop.js', kafka, topics.join(','), target]);
    if (Number(JSON.parse(figures.stdout).rows) !== messages) throw new Error(`the loop read ${figures.stdout}`);
    await checkTarget(expected);
    return figures;
  });

  if (each.sink === 'blackhole') {
    await repeat(each, 'kcat, discarding', messages, async () => {
      const started = performance.now();
      const all = await Promise.all(
        topics.map((t) => measure('bash', ['-c', `kcat -C -b ${kafka} -t ${t} -e -q -f '' -o beginning > /dev/null`])),
      );
      return {
        seconds: (performance.now() - started) / 1000,
        cpu: all.reduce((sum, f) => sum + f.cpu, 0),
        memory: all.reduce((sum, f) => sum + f.memory, 0),
      };
    }).catch((error: unknown) => say(`kcat was not measured: ${String(error).split('\n')[0]}`));
  }

  if (flink === undefined) return;
  const variants: [string, Record<string, string>][] =
    each.sink === 'jdbc'
      ? [
          ['Flink, default', {}],
          ['Flink, tuned', TUNED],
        ]
      : [['Flink, hot', {}]];
  for (const [name, sinkOptions] of variants) {
    const url =
      each.sink === 'jdbc' && name.endsWith('tuned')
        ? `${database.jdbcUrl}?reWriteBatchedInserts=true`
        : database.jdbcUrl;
    const job = jobOf(each, { ...places, sinkOptions, database: { ...database, jdbcUrl: url } });
    // Once to warm the JVM up.
    if (each.sink === 'blackhole') await flink.run(job);
    await repeat(each, name, messages, async () => {
      await clearTarget();
      const figures = await flink.run(job);
      if (figures.read !== messages) throw new Error(`Flink read ${figures.read} of ${messages} messages`);
      await checkTarget(expected);
      return figures;
    });
  }
}

async function repeat(
  each: Case,
  runner: string,
  messages: number,
  once: (run: number) => Promise<{ readonly seconds: number; readonly cpu: number; readonly memory: number }>,
): Promise<void> {
  const all: { seconds: number; cpu: number; memory: number }[] = [];
  for (let run = 0; run < runs; run++) {
    all.push(await once(run));
    const { seconds, cpu } = all.at(-1)!;
    say(
      `${each.name}, ${runner}: ${Math.round(messages / seconds)} msg/s, ${((cpu / messages) * 1e6).toFixed(2)} µs CPU`,
    );
  }
  const rates = all.map(({ seconds }) => messages / seconds);
  results.push({
    name: each.name,
    title: `${each.title}, ${messages.toLocaleString('en-US')} messages`,
    runner,
    messagesPerSecond: { median: median(rates), least: Math.min(...rates), most: Math.max(...rates) },
    cpuMicroseconds: median(all.map(({ cpu }) => (cpu / messages) * 1e6)),
    memory: median(all.map(({ memory }) => memory)),
  });
}

/** Many messages at full speed: memory must not grow. Only where it is asked for. */
async function soak(at: Place): Promise<void> {
  const each = cases.find(({ name }) => name === 'keys')!;
  const messages = Math.round(24_000_000 * scale);
  const topics = await at.filled(each.make, messages);
  await clearTarget();
  const file = path.resolve('dist', 'bench', 'soak.sql');
  writeFileSync(
    file,
    `SET 'pipeline.name' = 'bench-soak-${Date.now()}';\n${jobOf(each, { kafka: at.kafka, topics, database: at.database })}`,
  );
  const { memories, seconds } = await measure(process.execPath, [BIN, 'run', file]);
  await checkTarget(each.holds?.(messages));
  const half = memories.length >> 1;
  const [first, second] = [memories.slice(0, half), memories.slice(half)].map((part) => Math.max(...part)) as [
    number,
    number,
  ];
  say(
    `soak: ${messages} messages in ${seconds.toFixed(1)} s, at most ${first.toFixed(0)} MB in the first half and ` +
      `${second.toFixed(0)} MB in the second (${((second / first - 1) * 100).toFixed(1)} %)`,
  );
}

async function runFirstRow(at: Place): Promise<void> {
  for (const [runner, start] of runners) {
    const all: number[] = [];
    for (let run = 0; run < Math.max(runs, 5); run++) {
      await clearTarget();
      const topic = await at.topic();
      all.push(await measureFirstRow(at, topic, start(liveJob(topic))));
      say(`first row, ${runner}: ${all.at(-1)!.toFixed(2)} s`);
    }
    results.push({ name: 'first-row', title: 'first row, servers up', runner, seconds: median(all) });
  }
}

async function runLatency(at: Place, rate: number): Promise<void> {
  for (const [runner, start] of runners) {
    await clearTarget();
    const topic = await at.topic();
    const { p50, p99, seen } = await measureLatency(at, topic, rate, start(liveJob(topic)));
    say(`latency at ${rate}/s, ${runner}: p50 ${p50} ms, p99 ${p99} ms (${seen} seen)`);
    results.push({ name: `latency-${rate}`, title: `latency at ${rate} msg/s`, runner, p50, p99 });
  }
}

/** The job on one topic, without an end. */
function liveJob(topic: string): string {
  const each = cases.find(({ name }) => name === 'keys')!;
  const text = jobOf(each, { kafka: place.kafka, topics: [topic], database: place.database });
  return text.replaceAll(/'scan.bounded.mode' = 'latest-offset',\s*/g, '');
}

function ownJob(job: string): LiveJob {
  const file = path.resolve('dist', 'bench', 'live.sql');
  writeFileSync(file, `SET 'pipeline.name' = 'bench-live-${Date.now()}';\n${job}`);
  return { program: process.execPath, args: [BIN, 'run', file] };
}

async function clearTarget(): Promise<void> {
  await place.database.query('DROP TABLE IF EXISTS prices');
  await place.database.query(CREATE_TARGET);
}

/** Rejects where the table does not meet a condition. */
async function checkTarget(condition: string | undefined): Promise<void> {
  if (condition === undefined) return;
  const [row] = await place.database.query(`SELECT ${condition} AS holds, count(*)::int AS n FROM prices`);
  if (row?.holds !== true) throw new Error(`the table, ${String(row?.n)} rows, is not as expected: ${condition}`);
}
