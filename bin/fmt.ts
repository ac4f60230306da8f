import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { ExitCode } from './exit.ts';
import { type FoundInFile, printDiagnostics } from './print-diagnostics.ts';
import { readJobs } from './read-jobs.ts';

export function addFmt(program: Command): void {
  program
    .command('fmt')
    .summary('format job files in place, keeping comments')
    .description(
      'Formats job files in place. Only blanks, line breaks and the case of keywords change, never what a file says; ' +
        'tables need not exist.',
    )
    .argument('<files...>', "job files, '-' for standard input, which goes to standard output")
    .option('--check', 'change nothing, name the files that would change and exit with 1 where there are any')
    .action(async (files: string[], flags: { check?: true }) => {
      const { format } = await import('../engine/index.ts');
      const wrong: FoundInFile[] = [];
      const different: string[] = [];
      for (const job of readJobs(files)) {
        const { text, diagnostics } = format(job.text);
        if (text === undefined) wrong.push({ ...job, diagnostics });
        else if (flags.check) {
          if (text !== job.text) different.push(job.file);
        } else if (job.file === '<stdin>') process.stdout.write(text);
        else if (text !== job.text) writeFileSync(job.file, text);
      }
      process.stdout.write(different.map((file) => `${file}: not formatted\n`).join(''));
      if (wrong.length > 0) await printDiagnostics(wrong, 'text');
      if (wrong.length > 0 || different.length > 0) process.exitCode = ExitCode.found;
    });
}
