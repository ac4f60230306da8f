/** For NODE_OPTIONS: ends a worker thread as a mistake in the program would, once a file `crash` is in its folder. */
export const crashOnFile = `--import=data:text/javascript,${encodeURIComponent(`
  import { existsSync, rmSync } from 'node:fs';
  import { isMainThread } from 'node:worker_threads';
  if (!isMainThread) setInterval(() => {
    if (!existsSync('crash')) return;
    rmSync('crash');
    throw new Error('crashed by the test');
  }, 50).unref();`)}`;
