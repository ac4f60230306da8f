import type { PartitionLog } from './partition-log.ts';

/** Resolves when one of the logs has more to read, after `milliseconds`, or when the signal aborts. */
export function waitForChange(logs: readonly PartitionLog[], milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      for (const forget of listening) forget();
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
    const listening = logs.map((log) => log.onChange(done));
  });
}
