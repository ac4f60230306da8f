// npm run bench:nexmark -- [--with-flink] [--events N] [--only q4,q5] [--json FILE]
import { runBundled } from './bundle.js';

await runBundled({ nexmark: 'bench/nexmark.ts' });
