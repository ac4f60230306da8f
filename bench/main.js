// npm run bench -- [--with-flink] [--only CASE,CASE] [--runs N] [--scale FACTOR] [--json FILE]
import { runBundled } from './bundle.js';

await runBundled({ bench: 'bench/bench.ts', 'kafkajs-loop': 'bench/runners/kafkajs-loop.ts' });
