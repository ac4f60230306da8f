// npm run bench -- [--with-flink] [--only CASE,CASE] [--runs N] [--scale FACTOR] [--json FILE]
import { spawnSync } from 'node:child_process';
import { bundle } from './bundle.js';

await bundle({ bench: 'bench/bench.ts', 'kafkajs-loop': 'bench/runners/kafkajs-loop.ts' });
const { status } = spawnSync(process.execPath, ['dist/bench/bench.js', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
