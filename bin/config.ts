import { type Command, Option } from 'commander';
import { hideTexts } from '../engine/index.ts';
import type { Configuration } from './config/configuration.ts';
import { addConfigurationFlags, addServiceFlags, configure } from './config/flags.ts';
import type { ConfigurationFlags } from './config/load.ts';

interface Flags extends ConfigurationFlags {
  readonly format: 'text' | 'json';
  readonly schema?: true;
}

export function addConfig(program: Command): void {
  const command = program
    .command('config')
    .summary('show the configuration that applies, with the origin of each value')
    .description(
      'Shows every value of the configuration that applies here and where it came from: a flag, the environment, ' +
        'a profile, the file or a default. Secrets are shown as ***.',
    )
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .option('--schema', 'print the JSON schema of cryptopipe.yaml instead');
  addServiceFlags(addConfigurationFlags(command)).action(async (flags: Flags) => {
    if (flags.schema) {
      const { configurationSchema } = await import('./config/schema.ts');
      process.stdout.write(`${JSON.stringify(configurationSchema, null, 2)}\n`);
      return;
    }
    const configuration = await configure(flags, []);
    if (configuration !== undefined) process.stdout.write(show(configuration, flags.format));
  });
}

function show({ file, profile, values, secrets }: Configuration, format: 'text' | 'json'): string {
  const hide = hideTexts(secrets);
  const shown = values.map(({ path, value, origin, secret }) => ({
    path,
    value: secret ? '***' : hide(value),
    origin,
  }));
  if (format === 'json') return `${JSON.stringify({ file, profile, values: shown }, null, 2)}\n`;
  const head = `${file ?? 'no cryptopipe.yaml found'}${profile === undefined ? '' : `, profile ${profile}`}\n`;
  const left = shown.map((v) => `${v.path} = ${v.value}`);
  const width = Math.min(60, Math.max(0, ...left.map((text) => text.length)));
  return head + shown.map((v, i) => `${left[i]!.padEnd(width)}  # ${v.origin}\n`).join('');
}
