import type { Command } from 'commander';
import type { Transition } from './alerts/evaluate.ts';
import { bodyFor } from './alerts/message.ts';
import { post } from './alerts/send.ts';
import { addConfigurationFlags, configure } from './config/flags.ts';
import type { ConfigurationFlags } from './config/load.ts';
import { ExitCode, UsageError } from './exit.ts';

export function addAlerts(program: Command): void {
  const alerts = program.command('alerts').summary('try the alerts of the configuration');
  const test = alerts
    .command('test')
    .description(
      'Sends a test alert and its resolution to every receiver of the configuration. Exits with 1 where one fails.',
    )
    .argument('[receivers...]', 'only these receivers');
  addConfigurationFlags(test).action(async (names: string[], flags: ConfigurationFlags) => {
    const configuration = await configure(flags, []);
    if (configuration === undefined) return;
    const { receivers } = configuration.alerts;
    for (const name of names) {
      if (!receivers.has(name)) {
        throw new UsageError(`no receiver '${name}'`, `receivers: ${[...receivers.keys()].join(', ') || 'none'}`);
      }
    }
    if (receivers.size === 0) throw new UsageError('the configuration has no alerts.receivers');
    for (const [name, receiver] of receivers) {
      if (names.length > 0 && !names.includes(name)) continue;
      try {
        await post(receiver, bodyFor(receiver, trial('firing')));
        await post(receiver, bodyFor(receiver, trial('resolved')));
        process.stdout.write(`${name}: sent\n`);
      } catch (error) {
        process.stdout.write(`${name}: failed, ${(error as Error).message}\n`);
        process.exitCode = ExitCode.found;
      }
    }
  });
}

function trial(state: Transition['state']): Transition {
  const rule = { name: 'test', when: 'degraded', over: 0, under: 0, for: 60_000, to: [] } as const;
  return { rule, subject: 'a test', job: 'test', state, value: 1, time: Date.now() };
}
