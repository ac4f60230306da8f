// node bench/publish.js out.json: the figures of a run (`npm run bench -- --json out.json`) into docs/performance.md
import { runBundled } from './bundle.js';

await runBundled({ publish: 'bench/publish.ts' });
