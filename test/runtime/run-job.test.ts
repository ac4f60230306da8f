import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RunError } from '../../engine/connector/errors.ts';
import { FileCheckpointed } from '../../engine/runtime/checkpoint-file.ts';
import { runJob } from '../../engine/runtime/run-job.ts';
import { CountingSource, context, numbers, pipeline, Store, StoreSink } from './fakes.ts';

describe('running a pipeline', () => {
  it('moves every row of a bounded source, positions beside them', async () => {
    const store = new Store();
    const job = runJob(
      [
        pipeline(
          () => new CountingSource(2500, 100),
          () => new StoreSink(store),
        ),
      ],
      context().context,
    );
    await job.done;
    expect(store.rows).toEqual(numbers(2500));
    expect(store.positions.get('numbers')).toEqual(new Map([['s', '2500']]));
    expect(job.pipelines[0]).toMatchObject({ state: 'finished', rowsIn: 2500, rowsOut: 2500 });
  });

  it('commits the start positions before the first row', async () => {
    const store = new Store();
    const seen: (Map<string, string> | undefined)[] = [];
    const source = () => new CountingSource(1, 1, { beforePoll: () => seen.push(store.positions.get('numbers')) });
    await runJob([pipeline(source, () => new StoreSink(store))], context().context).done;
    expect(seen[0]).toEqual(new Map([['s', '0']]));
  });

  it('stops on demand, commits what was read and goes on from there', async () => {
    const store = new Store();
    const stopAt = runJob(
      [
        pipeline(
          () => new CountingSource(50, 10, { bounded: false }),
          () => new StoreSink(store),
        ),
      ],
      context().context,
    );
    while (store.rows.length < 50) await sleep(1);
    stopAt.stop();
    await stopAt.done;
    expect(store.rows).toEqual(numbers(50));
    await runJob(
      [
        pipeline(
          () => new CountingSource(80, 10),
          () => new StoreSink(store),
        ),
      ],
      context().context,
    ).done;
    expect(store.rows).toEqual(numbers(80));
  });

  it('keeps reading while a commit is in flight, and no more than two buffers ahead', async () => {
    const store = new Store();
    let ahead = 0;
    const sink = () =>
      new StoreSink(
        store,
        async (self) => {
          await sleep(20);
          ahead = Math.max(ahead, self.pending);
        },
        100,
      );
    await runJob([pipeline(() => new CountingSource(2000, 10), sink)], context().context).done;
    expect(store.rows).toEqual(numbers(2000));
    expect(ahead).toBe(100);
  });

  it('repeats a passing failure from the checkpoint: nothing lost, nothing twice', async () => {
    const store = new Store();
    let failures = 0;
    const { context: run, lines } = context();
    const sink = () =>
      new StoreSink(
        store,
        () => {
          if (store.rows.length >= 300 && failures++ === 0)
            throw new RunError('connection-lost', 'gone', { passing: true });
        },
        100,
      );
    const job = runJob([pipeline(() => new CountingSource(1000, 50), sink)], run);
    await job.done;
    expect(store.rows).toEqual(numbers(1000));
    expect(job.pipelines[0]).toMatchObject({ restarts: 1, lastError: 'gone' });
    expect(lines.filter((l) => l.event === 'restarting').map((l) => l.fields.code)).toEqual(['connection-lost']);
  });

  it('ends with a lasting failure, and stops the other pipelines of the job', async () => {
    const store = new Store();
    const other = new Store();
    const bad = pipeline(
      () => new CountingSource(10, 1),
      () =>
        new StoreSink(store, () => {
          throw new RunError('missing-table', "no table 't'");
        }),
    );
    const good = pipeline(
      () => new CountingSource(5, 5, { bounded: false }),
      () => new StoreSink(other),
    );
    const job = runJob([bad, { ...good, name: 'other' }], context().context);
    await expect(job.done).rejects.toThrow("no table 't'");
    expect(job.pipelines.map((p) => p.state)).toEqual(['failed', 'finished']);
    expect(store.rows).toEqual([]);
  });

  it('gives up passing failures after the longest restart duration', async () => {
    const source = () =>
      new CountingSource(1, 1, {
        beforePoll: () => {
          throw new RunError('unreachable', 'no broker', { passing: true });
        },
      });
    const run = context({ maxRestartDuration: 1 }).context;
    await expect(runJob([pipeline(source, () => new StoreSink(new Store()))], run).done).rejects.toThrow('no broker');
  });

  it('stops while a source still tries to connect', async () => {
    const source = new CountingSource(1, 1);
    source.open = () => new Promise(() => {});
    const job = runJob(
      [
        pipeline(
          () => source,
          () => new StoreSink(new Store()),
        ),
      ],
      context().context,
    );
    await sleep(5);
    job.stop();
    await job.done;
    expect(job.pipelines[0]!.state).toBe('finished');
  });

  it('forgets the checkpoint when it starts fresh', async () => {
    const store = new Store();
    store.positions.set('numbers', new Map([['s', '7']]));
    await runJob(
      [
        pipeline(
          () => new CountingSource(10, 10),
          () => new StoreSink(store),
        ),
      ],
      context({ fresh: true }).context,
    ).done;
    expect(store.rows).toEqual(numbers(10));
  });
});

describe('checkpoint files', () => {
  it('keep positions for sinks that cannot', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-'));
    const run = context({ checkpointFolder: folder }).context;
    const first = new Store();
    const plain = (store: Store) => () => {
      const { restore: _, forget: __, ...sink } = bind(new StoreSink(store));
      return sink;
    };
    const stopped = runJob([pipeline(() => new CountingSource(20, 7, { bounded: false }), plain(first))], run);
    while (first.rows.length < 20) await sleep(1);
    stopped.stop();
    await stopped.done;
    expect(JSON.parse(readFileSync(path.join(folder, 'job', 'sink.json'), 'utf8'))).toEqual({
      version: 1,
      written: expect.any(Number),
      sources: { numbers: { s: '20' } },
    });
    const second = new Store();
    await runJob([pipeline(() => new CountingSource(25, 7), plain(second))], run).done;
    expect(second.rows).toEqual([20, 21, 22, 23, 24]);
    const again = new Store();
    await runJob([pipeline(() => new CountingSource(25, 7), plain(again))], run).done;
    expect(again.rows, 'a job that was read to its end begins anew').toEqual(numbers(25));
  });

  it('that are damaged stop the job with what to do', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-'));
    const file = path.join(folder, 'x.json');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(file, '{"version": 1, "sour');
    const sink = new FileCheckpointed(new StoreSink(new Store()), file);
    await expect(sink.restore('numbers', ['s'])).rejects.toMatchObject({ code: 'bad-checkpoint', passing: false });
  });
});

/** The sink's members as own properties, so that some can be left out. */
function bind(sink: StoreSink) {
  return {
    get pending() {
      return sink.pending;
    },
    flush: sink.flush,
    open: () => sink.open(),
    write: (batch: Parameters<StoreSink['write']>[0]) => sink.write(batch),
    commit: (checkpoint: Parameters<StoreSink['commit']>[0]) => sink.commit(checkpoint),
    restore: (source: string, splits: readonly string[]) => sink.restore(source, splits),
    forget: () => sink.forget(),
    close: () => sink.close(),
  };
}
