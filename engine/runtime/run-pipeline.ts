import path from 'node:path';
import type { ConnectorContext } from '../connector/context.ts';
import type { Checkpoint, Sink } from '../connector/sink.ts';
import type { Positions, Source } from '../connector/source.ts';
import {
  type Emit,
  MAX_WATERMARK,
  type NamedState,
  type PlanContext,
  type Port,
  type RunningPlan,
} from '../operators/operator.ts';
import type { SpillPlace } from '../operators/spill.ts';
import type { RowBatch } from '../types/batch.ts';
import { rowJson } from '../types/row-json.ts';
import { checkpointFile, FileCheckpointed } from './checkpoint-file.ts';
import { Clock, type Tick } from './clock.ts';
import { Committer } from './committer.ts';
import { DeadLetters } from './dead-letters.ts';
import { leaveState } from './leave-state.ts';
import { LatencyMeter } from './measure-latency.ts';
import type { Observer, Pipeline, RunContext } from './pipeline.ts';
import { Share } from './share.ts';
import { SpillFolder } from './spill/folder.ts';
import { StateLog } from './state-log.ts';
import type { StateStore } from './state-store.ts';
import { type StatefulOptions, StatefulSink } from './stateful-sink.ts';
import type { PipelineStatus } from './status.ts';
import { WithDeadLetters } from './with-dead-letters.ts';

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
  const letters = new DeadLetters({ ...context, table: pipeline.deadLetters, maxRatio: context.maxErrorRatio ?? 1 });
  let written: Sink | undefined;
  const spill = spillPlaceOf(pipeline, context);
  const plan = pipeline.instantiate(
    emitter(pipeline, () => written!, context.observer),
    {
      late: lateRows(pipeline, context, letters),
      connector: (id) => contextOf(id, context, letters.ofSource(id)),
      spill,
    },
  );
  const { ports, states, tick } = plan;
  const sink = openableSink(pipeline, context, letters, plan, spill);
  written = sink;
  if (context.worker !== undefined && context.worker.index > 0 && keepsToOne(sink, states)) {
    const reason = states.length > 0 ? 'it keeps state' : 'its sink keeps the checkpoints of one worker';
    context.log.info('not_shared', { pipeline: pipeline.name, reason });
    return;
  }
  const sources = pipeline.sources.map((s) => s.create(contextOf(s.id, context, letters.ofSource(s.id))));
  const meter = new LatencyMeter(status);
  const halt = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    halt.abort();
  };
  const onStop = () => halt.abort();
  halt.signal.addEventListener('abort', () => share.halt(), { once: true });
  stop.addEventListener('abort', onStop, { once: true });
  const positions = new Map<string, Positions>();
  const snapshot = () => {
    letters.seal();
    return { positions: new Map(positions) };
  };
  const committer = new Committer(sink, snapshot, {
    committing: () => {
      context.observer?.committing?.(pipeline);
      meter.committing(sources.map((source) => source.lag?.() ?? []));
    },
    committed: (rows, checkpoint) => {
      // The start's own commit is no progress: it succeeds each time that reading then fails.
      if (status.state === 'running') status.commits++;
      status.rowsOut += rows;
      status.lastCommit = Date.now();
      meter.committed();
      context.observer?.committed?.(pipeline, rows);
      acknowledge(pipeline, sources, checkpoint);
    },
    failed: fail,
  });
  const share = new Share({
    worker: keepsToOne(sink, states) ? undefined : context.worker,
    log: context.log,
    pipeline: pipeline.name,
    sources: sources.map((source, i) => ({ key: pipeline.sources[i]!.key, source })),
    sink,
    positions,
    note: () => void committer.note(0),
    flush: () => committer.flush(),
    fail,
  });
  if (stop.aborted) onStop();
  const clock =
    tick === undefined ? undefined : new Clock((now) => tickHeld(tick, now, committer, sink), fail, context.now);

  try {
    const opened = await unlessAborted(halt.signal, async () => {
      await sink.open();
      if (forget.due) await sink.forget?.();
      forget.due = false;
      if (sink instanceof StatefulSink) await sink.restoreStates();
      else if (sink.restore !== undefined) {
        await leaveState(sink, stateStoreOf(pipeline, context), stateOptions(pipeline, context));
      }
      await share.open();
    });
    if (!opened) return;
    status.lag = () =>
      sources.flatMap((s, i) => (s.lag?.() ?? []).map((lag) => ({ ...lag, source: pipeline.sources[i]!.id })));
    // The start itself is a checkpoint: 'latest-offset' must mean the same place after a restart.
    if ([...positions.values()].some((p) => p.size > 0)) {
      await committer.note(0);
      await committer.flush();
    }
    share.begin();
    status.state = 'running';
    clock?.start();
    await Promise.all(
      sources.map((source, i) =>
        readSource({ source, share, index: i }, ports[i]!, halt.signal, committer, {
          waited: (milliseconds) => add(status.heldBack, pipeline.sources[i]!.id, milliseconds),
          moved: (batch) => {
            const rows = batch?.length ?? 0;
            const { id, key } = pipeline.sources[i]!;
            if (batch !== null) context.observer?.read?.(pipeline, pipeline.sources[i]!, batch);
            positions.set(key, source.positions());
            letters.read(id, rows);
            status.rowsIn += rows;
            add(status.rowsRead, id, rows);
          },
        }).catch(fail),
      ),
    );
    await clock?.stop();
    if (failure === undefined) await committer.flush();
    if (!halt.signal.aborted && failure === undefined) await finish(sink);
  } catch (error) {
    fail(error);
  } finally {
    stop.removeEventListener('abort', onStop);
    await clock?.stop();
    await committer.close();
    await share.close();
    await closeAll(
      [...sources, sink, ...(plan.close === undefined ? [] : [{ close: () => plan.close!() }]), spill],
      context,
    );
  }
  if (failure !== undefined) throw failure.error;
}

/** What one source or sink is given. */
function contextOf(id: string, context: RunContext, rejects: ConnectorContext['rejects']): ConnectorContext {
  return { ...context, id, rejects, counters: context.counters.of?.(id) ?? context.counters };
}

function emitter(pipeline: Pipeline, sink: () => Sink, observer: Observer | undefined): Emit {
  if (observer === undefined) return (batch) => sink().write(batch);
  return (batch) => {
    observer.written?.(pipeline, batch);
    return sink().write(batch);
  };
}

function stateFolder(pipeline: Pipeline, context: RunContext): string {
  return `${checkpointFile(context.checkpointFolder, context.job, pipeline.name)}.state`;
}

/** Beside the states: what is moved out of memory is a part of them. */
function spillPlaceOf(pipeline: Pipeline, context: RunContext): SpillPlace {
  const folder = path.join(stateFolder(pipeline, context), 'spilled');
  return context.spillPlace?.(pipeline.name) ?? new SpillFolder(folder, context.stateMemory);
}

/** The sink with what it needs to keep positions, and states where there are any. */
function openableSink(
  pipeline: Pipeline,
  context: RunContext,
  letters: DeadLetters,
  plan: RunningPlan,
  spill: SpillPlace,
): Sink {
  const sinkContext = contextOf(pipeline.name, context, letters.ofSink(pipeline.name));
  const rows = pipeline.createSink(sinkContext);
  // The letters themselves are never rejected into their own table.
  const table = pipeline.deadLetters?.createSink({ ...sinkContext, id: `${pipeline.name}.dead-letters` });
  const sink = table === undefined ? rows : new WithDeadLetters(rows, table, letters);
  if (sink.durable === false) return sink;
  const file = checkpointFile(context.checkpointFolder, context.job, pipeline.name);
  const kept =
    sink.restore !== undefined
      ? sink
      : new FileCheckpointed(sink, file, {
          always: plan.states.length > 0,
          ...(context.worker === undefined ? {} : { worker: context.worker }),
        });
  if (plan.states.length === 0) return kept;
  return new StatefulSink(kept, stateStoreOf(pipeline, context), plan, { ...stateOptions(pipeline, context), spill });
}

function stateStoreOf(pipeline: Pipeline, context: RunContext): StateStore {
  return context.stateStore?.(pipeline.name) ?? new StateLog(stateFolder(pipeline, context));
}

function stateOptions({ name, sinkKey }: Pipeline, context: RunContext): StatefulOptions {
  return { pipeline: name, log: context.log, keepMatching: context.keepMatchingState ?? false, sinkKey };
}

/** Every source was read to its end. */
async function finish(sink: Sink): Promise<void> {
  if (sink instanceof FileCheckpointed) sink.finish();
  else if (sink instanceof StatefulSink) await sink.finish();
}

/** Whether one worker does all: there is state, or the sink keeps checkpoints and its workers do not know each other. */
function keepsToOne(sink: Sink, states: readonly NamedState[]): boolean {
  if (states.length > 0) return true;
  return sink.restore !== undefined && sink.meet === undefined && !(sink instanceof FileCheckpointed);
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

/** What a source's reader tells. */
interface ReadEvents {
  /** Operators and sink had taken a batch (null: the end), and its rows may be counted. */
  moved(batch: RowBatch | null): void;
  /** So many milliseconds nothing was read, because operators or the sink were busy. */
  waited(milliseconds: number): void;
}

async function timed(wait: Promise<void>, took: (milliseconds: number) => void): Promise<void> {
  const began = performance.now();
  try {
    await wait;
  } finally {
    took(performance.now() - began);
  }
}

function add(totals: Map<string, number>, key: string, amount: number): void {
  totals.set(key, (totals.get(key) ?? 0) + amount);
}

async function readSource(
  read: { readonly source: Source; readonly share: Share; readonly index: number },
  port: Port,
  signal: AbortSignal,
  committer: Committer,
  on: ReadEvents,
): Promise<void> {
  const { source, share, index } = read;
  const turn = share.turn(index);
  let rested = performance.now();
  let open = await share.opened(index);
  await tellSplits(source, port);
  while (open && !signal.aborted) {
    const pause = turn.pause();
    if (pause !== undefined) await pause;
    const interrupted = turn.signal;
    let batch: Awaited<ReturnType<Source['poll']>>;
    try {
      batch = await source.poll(interrupted);
    } catch (error) {
      if (interrupted.aborted) continue;
      throw error;
    }
    if (batch !== null && batch.length > 0) {
      committer.hold();
      try {
        const pushed = port.push(batch);
        if (pushed !== undefined) await timed(pushed, on.waited);
      } finally {
        committer.release();
      }
    }
    const told = tellSplits(source, port);
    if (told !== undefined) await held(committer, () => told);
    if (batch === null) await held(committer, () => port.advance(MAX_WATERMARK));
    on.moved(batch);
    const full = committer.note(batch?.length ?? 0);
    if (full !== undefined) await timed(full, on.waited);
    if (batch === null) open = await share.more(index);
    if (performance.now() - rested > YIELD_AFTER) {
      await new Promise((resolve) => setImmediate(resolve));
      rested = performance.now();
    }
  }
  await turn.end();
}

/** Event time waits for the splits that may give rows. */
function tellSplits(source: Source, port: Port): void | Promise<void> {
  return port.splits === undefined || source.openSplits === undefined ? undefined : port.splits(source.openSplits());
}

/** No commit begins meanwhile. */
async function held(committer: Committer, work: () => void | Promise<void>): Promise<void> {
  committer.hold();
  try {
    await work();
  } finally {
    committer.release();
  }
}

/** What the clock makes operators emit is committed as what rows make them emit. */
async function tickHeld(tick: Tick, now: number, committer: Committer, sink: Sink): Promise<void> {
  const before = sink.pending;
  await held(committer, () => tick(now));
  if (sink.pending !== before) await committer.note(0);
}

/** Counts late rows, and keeps them where they are wanted. */
function lateRows(pipeline: Pipeline, context: RunContext, letters: DeadLetters): NonNullable<PlanContext['late']> {
  const counters = context.counters.of?.(pipeline.name) ?? context.counters;
  const policy = pipeline.deadLetters === undefined ? 'skip' : pipeline.lateRows;
  const rejects = letters.ofSink(pipeline.name);
  return ({ fields, batch, rows }) => {
    counters.add('rows_late', rows.length);
    if (policy !== 'dead-letter') return;
    for (const row of rows) {
      const value = rowJson(fields, batch.columns, row);
      rejects.add({ reason: 'late', policy, message: 'the row came behind event time', value });
    }
  };
}

function acknowledge(pipeline: Pipeline, sources: readonly Source[], checkpoint: Checkpoint): void {
  sources.forEach((source, i) => {
    const committed = checkpoint.positions.get(pipeline.sources[i]!.key);
    if (committed !== undefined) source.acknowledge?.(committed);
  });
}

/** Closing after a failure often fails itself; that is worth a debug line, not a second error. */
async function closeAll(things: readonly { close(): Promise<void> }[], context: RunContext): Promise<void> {
  for (const result of await Promise.allSettled(things.map((thing) => thing.close()))) {
    if (result.status === 'rejected') context.log.debug('close_failed', { error: String(result.reason) });
  }
}
