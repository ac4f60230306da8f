// npm run differential -- [--seed N] [--count M] [--kind KIND] [--depth N] [--keep FOLDER]; FLINK_HOME names the Flink to ask
import { runBundled } from '../../bench/bundle.js';

await runBundled({ differential: 'test/differential/differential.ts' });
