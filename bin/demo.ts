import type { Command } from 'commander';

export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('watch crypto prices go from an exchange through Kafka and SQL into PostgreSQL')
    .description(
      'Runs the shipped jobs on an embedded Kafka broker, PostgreSQL and a simulated exchange: nothing else is needed. ' +
        'On a terminal live tables of the newest prices, candles, top movers and alerts, elsewhere lines with the same.',
    )
    .option('--live', 'take the prices from Binance itself instead of the simulated exchange')
    .option('--embedded-dir <folder>', 'keep the database in a folder instead of in memory')
    .action(async (flags: { live?: true; embeddedDir?: string }) => {
      const { runDemo } = await import('./demo/run-demo.ts');
      await runDemo({ live: flags.live ?? false, folder: flags.embeddedDir });
    });
}
