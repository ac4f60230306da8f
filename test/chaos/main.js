// npm run chaos -- --seed N --faults M --sink postgres|kafka --only kind,kind
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const text = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({
  options: { seed: text('1'), faults: text('60'), sink: text('postgres'), only: text('') },
});
const env = {
  ...process.env,
  CHAOS_SEED: values.seed,
  CHAOS_FAULTS: values.faults,
  CHAOS_SINK: values.sink,
  CHAOS_ONLY: values.only,
};
const { status } = spawnSync('vitest', ['run', '--config', 'test/chaos/vitest.config.ts', 'chaos.ts'], {
  env,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
