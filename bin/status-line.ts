import type { PipelineStatus } from '../engine/index.ts';

const REFRESH = 500;

/**
 * One line at the bottom of a terminal that says how the job is doing: rows in and out per second, lag, last
 * commit, and what connectors counted.
 * Returns how to take it away.
 */
export function showStatusLine(
  pipelines: readonly PipelineStatus[],
  counted: () => ReadonlyMap<string, number>,
  stream: NodeJS.WriteStream,
): () => void {
  let before = { time: performance.now(), rowsIn: 0, rowsOut: 0 };
  const timer = setInterval(() => {
    const now = totals(pipelines);
    const seconds = (now.time - before.time) / 1000;
    const line = [
      states(pipelines),
      `in ${rate(now.rowsIn - before.rowsIn, seconds)}`,
      `out ${rate(now.rowsOut - before.rowsOut, seconds)}`,
      `written ${count(now.rowsOut)}`,
      lagText(pipelines),
      commitText(pipelines),
      ...[...counted()]
        .filter(([name]) => !name.startsWith('bytes_'))
        .map(([name, n]) => `${name.replaceAll('_', ' ')} ${count(n)}`),
    ].join('  ');
    stream.write(`\r\x1b[K${line.slice(0, Math.max(20, stream.columns ?? 80) - 1)}`);
    before = now;
  }, REFRESH);
  timer.unref();
  return () => {
    clearInterval(timer);
    stream.write('\r\x1b[K');
  };
}

function totals(pipelines: readonly PipelineStatus[]) {
  return {
    time: performance.now(),
    rowsIn: pipelines.reduce((sum, p) => sum + p.rowsIn, 0),
    rowsOut: pipelines.reduce((sum, p) => sum + p.rowsOut, 0),
  };
}

function states(pipelines: readonly PipelineStatus[]): string {
  const order = ['failed', 'degraded', 'starting', 'running', 'finished'] as const;
  return order.find((state) => pipelines.some((p) => p.state === state)) ?? 'running';
}

function lagText(pipelines: readonly PipelineStatus[]): string {
  const lags = pipelines.flatMap((p) => p.lag()).flatMap((l) => (l.records === undefined ? [] : [l.records]));
  return lags.length === 0 ? 'lag –' : `lag ${count(lags.reduce((a, b) => a + b, 0))}`;
}

function commitText(pipelines: readonly PipelineStatus[]): string {
  const last = Math.max(...pipelines.map((p) => p.lastCommit ?? 0));
  return last === 0 ? 'no commit yet' : `commit ${((Date.now() - last) / 1000).toFixed(1)} s ago`;
}

function rate(rows: number, seconds: number): string {
  return `${count(Math.round(rows / Math.max(seconds, 0.001)))}/s`;
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}
