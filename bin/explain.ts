import { type Command, Option } from 'commander';
import type { ExplainStage } from '../engine/index.ts';
import { addConfigurationFlags, configure } from './config/flags.ts';
import type { ConfigurationFlags } from './config/load.ts';
import { environmentOf } from './environment.ts';
import { ExitCode } from './exit.ts';
import { flowchart } from './flowchart.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { readJobs } from './read-jobs.ts';

interface Flags extends ConfigurationFlags {
  readonly format: 'text' | 'json' | 'mermaid';
  readonly stage: ExplainStage;
}

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .summary('the plan of each INSERT and SELECT')
    .description(
      'Prints the plan of each INSERT and SELECT of the files: its operators, what is pushed down to the sources, how ' +
        'rows change, what is remembered and until when, and what each sink delivers when something fails and why. ' +
        'Connects to nothing.',
    )
    .argument('<files...>', "job files, '-' for standard input")
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json', 'mermaid']).default('text'))
    .addOption(
      new Option('--stage <stage>', 'as written, as run, or the generated functions')
        .choices(['raw', 'optimized', 'code'])
        .default('optimized'),
    );
  addConfigurationFlags(command).action(async (files: string[], flags: Flags) => {
    const { check, explainJob } = await import('../engine/index.ts');
    const { registry } = await import('../connectors/index.ts');
    const configuration = await configure(flags, files);
    if (configuration === undefined) return;
    const jobs = readJobs(files).map((job) => ({
      ...job,
      checked: check(job, environmentOf(registry, { configuration, file: job.file })),
    }));
    const found = jobs.map((job) => ({ ...job, diagnostics: job.checked.diagnostics }));
    if (found.some((job) => job.diagnostics.length > 0)) await printDiagnostics(found, 'text');
    if (jobs.some((job) => job.checked.pipelines === undefined)) {
      process.exitCode = ExitCode.found;
      return;
    }
    const plans = jobs.flatMap((job) => explainJob(job.checked, flags.stage));
    switch (flags.format) {
      case 'text':
        process.stdout.write(plans.map((plan) => `${plan.text}\n`).join('\n\n'));
        return;
      case 'json':
        process.stdout.write(
          `${JSON.stringify(
            plans.map(({ text, ...plan }) => plan),
            undefined,
            2,
          )}\n`,
        );
        return;
      case 'mermaid':
        process.stdout.write(flowchart(plans));
    }
  });
}
