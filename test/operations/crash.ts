/** For NODE_OPTIONS: throws where nobody catches, as a mistake in the program would, once a file `crash` is in its folder. */
export function crashOnFile(where: 'worker' | 'main', message = 'crashed by the test'): string {
  return `--import=data:text/javascript,${encodeURIComponent(`
    import { existsSync, rmSync } from 'node:fs';
    import { isMainThread } from 'node:worker_threads';
    if (isMainThread === ${where === 'main'}) setInterval(() => {
      if (!existsSync('crash')) return;
      rmSync('crash');
      throw new Error(${JSON.stringify(message)});
    }, 50).unref();`)}`;
}
