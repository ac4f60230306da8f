import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { ExitCode, UsageError } from './exit.ts';
import { type NewSink, type NewSource, newJob, newSinks, newSources } from './new-job.ts';

interface Flags {
  readonly from: NewSource;
  readonly to: NewSink;
}

export function addNew(program: Command): void {
  program
    .command('new')
    .summary('write a job and its test from a template')
    .description('Writes jobs/NAME.sql and jobs/NAME.test.slt, a job that is valid and a test that passes.')
    .argument('<name>', 'letters, digits and _')
    .addOption(new Option('--from <connector>', 'where rows come from').choices(newSources).default('kafka'))
    .addOption(new Option('--to <connector>', 'where rows go').choices(newSinks).default('jdbc'))
    .action((name: string, { from, to }: Flags) => {
      if (!/^[A-Za-z_]\w*$/.test(name)) {
        throw new UsageError(`'${name}' is no name for a job`, 'it begins with a letter; letters, digits and _ follow');
      }
      const { sql, test } = newJob(name, from, to);
      const files = [
        [path.join('jobs', `${name}.sql`), sql],
        [path.join('jobs', `${name}.test.slt`), test],
      ] as const;
      for (const [file] of files) {
        if (existsSync(file)) throw new UsageError(`'${file}' exists already`, 'take another name, or remove it first');
      }
      mkdirSync('jobs', { recursive: true });
      for (const [file, text] of files) {
        writeFileSync(file, text);
        process.stdout.write(`wrote ${file}\n`);
      }
      process.exitCode = ExitCode.fine;
    });
}
