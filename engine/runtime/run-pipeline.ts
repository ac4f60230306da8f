import type { ConnectorContext } from '../connector/context.ts';
import type { Checkpoint, Sink } from '../connector/sink.ts';
import type { Positions, Source } from '../connector/source.ts';
import { checkpointFile, FileCheckpointed } from './checkpoint-file.ts';
import { Committer } from './committer.ts';
import type { Observer, Pipeline, Push, RunContext } from './pipeline.ts';
import type { PipelineStatus } from './status.ts';

/** Sources whose batches are always ready would never let timers and signals run: after so long the loop steps aside. */
const YIELD_AFTER = 10;

/**
 * One attempt: opens the sink, restores each source's positions from it, then polls, pushes and commits until every
 * source is read to its end or `stop` aborts; either way what was read is committed before it returns. Rejects with
 * the first error, uncommitted rows dropped. Where `forget.due`, the job's checkpoint is dropped first, once.
 */
export async function runPipeline(
  pipeline: Pipeline,
  context: RunContext,
  status: PipelineStatus,
  stop: AbortSignal,
  forget: { due: boolean },
): Promise<void> {
  const sink = openableSink(pipeline, context);
  const sources = pipeline.sources.map((s) => s.create({ ...context, id: s.id }));
  const halt = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    halt.abort();
  };
  const onStop = () => halt.abort();
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();

  const positions = new Map<string, Positions>();
  const committer = new Committer(sink, () => ({ positions: new Map(positions) }), {
    committing: () => context.observer?.committing(pipeline),
    committed: (rows, checkpoint) => {
      // The start's own commit is no progress: it succeeds each time that reading then fails.
      if (status.state === 'running') status.commits++;
      status.rowsOut += rows;
      status.lastCommit = Date.now();
      context.observer?.committed(pipeline, rows);
      acknowledge(pipeline, sources, checkpoint);
    },
    failed: fail,
  });

  try {
    const opened = await unlessAborted(halt.signal, async () => {
      await sink.open();
      if (forget.due) await sink.forget?.();
      forget.due = false;
      await Promise.all(sources.map((source, i) => openSource(source, pipeline.sources[i]!.id, sink, positions)));
    });
    if (!opened) return;
    status.lag = () => sources.flatMap((s) => s.lag?.() ?? []);
    // The start itself is a checkpoint: 'latest-offset' must mean the same place after a restart.
    if ([...positions.values()].some((p) => p.size > 0)) {
      await committer.note(0);
      await committer.flush();
    }
    status.state = 'running';
    const pushes = pipeline.instantiate(emitter(pipeline, sink, context.observer));
    await Promise.all(
      sources.map((source, i) =>
        readSource(source, pushes[i]!, halt.signal, committer, (rows) => {
          positions.set(pipeline.sources[i]!.id, source.positions());
          status.rowsIn += rows;
        }).catch(fail),
      ),
    );
    if (failure === undefined) await committer.flush();
    if (!halt.signal.aborted && sink instanceof FileCheckpointed) sink.finish();
  } catch (error) {
    fail(error);
  } finally {
    stop.removeEventListener('abort', onStop);
    await committer.close();
    await closeAll([...sources, sink], context);
  }
  if (failure !== undefined) throw failure.error;
}

function emitter(pipeline: Pipeline, sink: Sink, observer: Observer | undefined): Push {
  if (observer === undefined) return (batch) => sink.write(batch);
  return (batch) => {
    observer.written(pipeline, batch);
    return sink.write(batch);
  };
}

function openableSink(pipeline: Pipeline, context: RunContext): Sink {
  const sinkContext: ConnectorContext = { ...context, id: pipeline.name };
  const sink = pipeline.createSink(sinkContext);
  if (sink.restore !== undefined || sink.durable === false) return sink;
  return new FileCheckpointed(sink, checkpointFile(context.checkpointFolder, context.job, pipeline.name));
}

/** Runs `open`; true when it is done, false as soon as the signal aborts: connecting may take long, stopping may not. */
async function unlessAborted(signal: AbortSignal, open: () => Promise<void>): Promise<boolean> {
  let abandon = () => {};
  const aborted = new Promise<boolean>((resolve) => {
    abandon = () => resolve(false);
  });
  signal.addEventListener('abort', abandon, { once: true });
  if (signal.aborted) abandon();
  const opening = open().then(() => true);
  // Nobody listens any more to what fails after the signal.
  opening.catch(() => undefined);
  try {
    return await Promise.race([opening, aborted]);
  } finally {
    signal.removeEventListener('abort', abandon);
  }
}

async function openSource(source: Source, id: string, sink: Sink, positions: Map<string, Positions>): Promise<void> {
  await source.open(async (splits) => (await sink.restore?.(id, splits)) ?? new Map());
  positions.set(id, source.positions());
}

async function readSource(
  source: Source,
  push: Push,
  signal: AbortSignal,
  committer: Committer,
  moved: (rows: number) => void,
): Promise<void> {
  let rested = performance.now();
  while (!signal.aborted) {
    let batch: Awaited<ReturnType<Source['poll']>>;
    try {
      batch = await source.poll(signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (batch !== null && batch.length > 0) {
      committer.hold();
      try {
        const pushed = push(batch);
        if (pushed !== undefined) await pushed;
      } finally {
        committer.release();
      }
    }
    moved(batch?.length ?? 0);
    const full = committer.note(batch?.length ?? 0);
    if (full !== undefined) await full;
    if (batch === null) return;
    if (performance.now() - rested > YIELD_AFTER) {
      await new Promise((resolve) => setImmediate(resolve));
      rested = performance.now();
    }
  }
}

function acknowledge(pipeline: Pipeline, sources: readonly Source[], checkpoint: Checkpoint): void {
  sources.forEach((source, i) => {
    const committed = checkpoint.positions.get(pipeline.sources[i]!.id);
    if (committed !== undefined) source.acknowledge?.(committed);
  });
}

/** Closing after a failure often fails itself; that is worth a debug line, not a second error. */
async function closeAll(things: readonly (Source | Sink)[], context: RunContext): Promise<void> {
  for (const result of await Promise.allSettled(things.map((thing) => thing.close()))) {
    if (result.status === 'rejected') context.log.debug('close_failed', { error: String(result.reason) });
  }
}
