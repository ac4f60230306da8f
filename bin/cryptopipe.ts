#!/usr/bin/env node
import module from 'node:module';

// Node 22 keeps what it compiled for the next start, where its own rules say (NODE_COMPILE_CACHE); Node 20 cannot. Only what
// is loaded after this is kept.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();
const { main } = await import('./main.ts');
await main();
