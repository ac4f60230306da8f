import { existsSync, readdirSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { ExitCode, UsageError } from './exit.ts';
import { junitReport, type TestedFile } from './junit.ts';

interface Flags {
  readonly rewrite?: true;
  readonly filter?: string;
  readonly watch?: true;
  readonly format: 'text' | 'junit';
}

const folders = ['jobs', 'examples'] as const;

export function addTest(program: Command): void {
  program
    .command('test')
    .summary('run the tests of job files')
    .description(
      'Runs test files (*.test.slt): rows for the sources of a job, and the rows that its sinks shall have. The job is ' +
        'the one that runs in production; its connectors are replaced, so no server is needed.',
    )
    .argument('[paths...]', 'test files, and folders that hold some (default: jobs and examples)')
    .option('--rewrite', 'accept what comes out as what is expected')
    .option('--filter <text>', 'only blocks with this text in their file, their first line or their statement')
    .option('--watch', 'run again whenever a file of these folders changes')
    .addOption(new Option('--format <format>', 'how to print results').choices(['text', 'junit']).default('text'))
    .action(async (paths: string[], flags: Flags) => {
      const failed = await runOnce(paths, flags);
      if (failed && flags.watch !== true) process.exitCode = ExitCode.found;
      if (flags.watch) watchFolders(paths, () => runOnce(paths, flags));
    });
}

/** Whether anything failed. */
async function runOnce(paths: readonly string[], flags: Flags): Promise<boolean> {
  const tested: TestedFile[] = [];
  for (const file of testFiles(paths)) tested.push(await runFile(file, flags));
  process.stdout.write(flags.format === 'junit' ? junitReport(tested) : textReport(tested));
  return tested.some(({ cases }) => cases.some(({ failure }) => failure !== undefined));
}

async function runFile(file: string, flags: Flags): Promise<TestedFile> {
  const { diffAnswers, runTestFile } = await import('../engine/index.ts');
  const { memory, registry } = await import('../connectors/index.ts');
  const text = readFileSync(file, 'utf8');
  const started = performance.now();
  const read = (job: string) => {
    const place = path.join(path.dirname(file), job);
    if (!existsSync(place)) throw new Error(`no job file '${place}'`);
    return readFileSync(place, 'utf8');
  };
  try {
    const { results, rewritten } = await runTestFile(text, { registry, memory, read });
    const { filter } = flags;
    const wanted = results.filter(
      ({ block }) => filter === undefined || `${file}\n${block.kind} ${block.argument}\n${block.body}`.includes(filter),
    );
    // With a job that is wrong, what comes out is nothing to accept.
    const sound = results.every(({ block, passed }) => passed || block.expected !== undefined || block.kind !== 'job');
    if (flags.rewrite && sound && rewritten !== text) writeFileSync(file, rewritten);
    const cases = wanted.map(({ block, passed, actual }) => ({
      line: block.line,
      name: `${block.kind} ${block.argument}`.trim(),
      ...(passed || (flags.rewrite && sound) ? {} : { failure: diffAnswers(block.expected ?? '', actual) }),
    }));
    return { file, seconds: (performance.now() - started) / 1000, cases };
  } catch (error) {
    // A mistake in the test file itself, or in how it names its job.
    if (!(error instanceof Error)) throw error;
    return { file, seconds: 0, cases: [{ line: 1, name: 'test file', failure: error.message }] };
  }
}

function textReport(tested: readonly TestedFile[]): string {
  let passed = 0;
  let failed = 0;
  let report = '';
  for (const { file, cases } of tested) {
    for (const { line, name, failure } of cases) {
      if (failure === undefined) passed++;
      else {
        failed++;
        report += `${file}:${line}: ${name} failed\n${failure.replace(/^/gm, '  ')}\n\n`;
      }
    }
  }
  return `${report}${passed} passed, ${failed} failed\n`;
}

function testFiles(paths: readonly string[]): string[] {
  const places = paths.length > 0 ? paths : folders.filter((folder) => existsSync(folder));
  const files = places.flatMap((place) => {
    if (!existsSync(place)) throw new UsageError(`no file or folder '${place}'`);
    if (!statSync(place).isDirectory()) return [place];
    return readdirSync(place, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.slt'))
      .sort()
      .map((name) => path.join(place, name));
  });
  if (files.length === 0) {
    throw new UsageError(
      'no test files',
      'tests of jobs/NAME.sql are in jobs/NAME.test.slt; `cryptopipe new` writes one',
    );
  }
  return files;
}

/** Until the process is stopped. Changes that come together are one. */
function watchFolders(paths: readonly string[], run: () => Promise<boolean>): void {
  const watched = new Set(testFiles(paths).map((file) => path.dirname(file)));
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve(false);
  for (const folder of watched) {
    watch(folder, () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        running = running.then(run);
      }, 100);
    });
  }
}
