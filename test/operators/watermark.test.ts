import { describe, expect, it } from 'vitest';
import type { Port } from '../../engine/operators/operator.ts';
import { mergePorts } from '../../engine/operators/operator.ts';
import { WatermarkAssigner, type WatermarkProgram } from '../../engine/operators/watermark.ts';
import { batchOf, rowsOf } from '../../engine/types/batch.ts';
import { type } from '../../engine/types/data-type.ts';

const timestamp = type.timestamp(3);

/** What comes out of an assigner over rows whose watermark is their rowtime: rows as numbers, event time as 'w5'. */
function assigner(program: Omit<WatermarkProgram, 'rowtime' | 'name'> = {}) {
  const seen: (string | number)[] = [];
  const operator = new WatermarkAssigner(
    { rowtime: 0, name: 'ts', ...program },
    {
      advance: (watermark) => void seen.push(`w${watermark}`),
      idle: () => void seen.push('idle'),
    },
  );
  const push = (...parts: (readonly [string, ...number[]])[]) => {
    const rows = parts.flatMap(([, ...times]) => times.map((time) => [BigInt(time), BigInt(time)]));
    const splits = parts.map(([split], i) => ({
      split,
      end: parts.slice(0, i + 1).reduce((sum, [, ...times]) => sum + times.length, 0),
    }));
    void operator.push({ ...batchOf([timestamp, timestamp], rows), splits }, 0, (batch) => {
      seen.push(...rowsOf([timestamp], batch).map(([time]) => Number(time)));
    });
  };
  const taken = () => seen.splice(0);
  return { operator, push, taken };
}

describe('event time of several splits', () => {
  it('is the least over splits, and waits for those that gave nothing yet', () => {
    const { operator, push, taken } = assigner();
    void operator.splits(['a', 'b']);
    push(['a', 10, 20]);
    expect(taken()).toEqual([10, 20]);
    push(['b', 5]);
    expect(taken()).toEqual([5, 'w5']);
    push(['b', 30], ['a', 15]);
    expect(taken()).toEqual([30, 'w20', 15]);
  });

  it('no longer waits for a split that is read to its end', () => {
    const { operator, push, taken } = assigner();
    void operator.splits(['a', 'b']);
    push(['a', 10]);
    void operator.splits(['a']);
    expect(taken()).toEqual([10, 'w10']);
  });

  it('never goes back for a split that is found later', () => {
    const { operator, push, taken } = assigner();
    void operator.splits(['a']);
    push(['a', 10]);
    void operator.splits(['a', 'b']);
    push(['b', 3], ['a', 12]);
    expect(taken()).toEqual([10, 'w10', 3, 12]);
    push(['b', 11]);
    expect(taken()).toEqual([11, 'w11']);
  });

  it('keeps what it knows of splits in a checkpoint, those without rows too', () => {
    const before = assigner();
    void before.operator.splits(['a', 'b']);
    before.push(['a', 10]);
    const { operator, push, taken } = assigner();
    operator.state.restore(structuredClone(before.operator.state.snapshot()));
    void operator.splits(['a', 'b']);
    push(['b', 7]);
    expect(taken()).toEqual([7, 'w7']);
    push(['b', 50]);
    expect(taken()).toEqual([50, 'w10']);
  });

  it('does not wait for an idle split until it gives rows again', () => {
    const { operator, push, taken } = assigner({ idleTimeout: 60_000 });
    void operator.splits(['a', 'b']);
    const later = performance.now() + 5;
    while (performance.now() < later);
    push(['a', 10]);
    void operator.tick!(Date.now());
    expect(taken()).toEqual([10]);
    void operator.tick!(Date.now() + 61_000);
    // One after the other: whoever waits for several inputs is told when the last is idle too.
    expect(taken()).toEqual(['w10', 'idle']);
    push(['a', 20]);
    expect(taken()).toEqual([20, 'w20']);
    push(['b', 30]);
    expect(taken()).toEqual([30]);
    push(['a', 40]);
    expect(taken()).toEqual([40, 'w30']);
  });
});

describe('event time of several inputs', () => {
  it('does not wait for idle inputs', () => {
    const seen: string[] = [];
    const [left, right] = mergePorts(
      2,
      () => () => undefined,
      (watermark) => void seen.push(`w${watermark}`),
      () => void seen.push('idle'),
    ) as [Required<Port>, Required<Port>];
    void left.advance(5n);
    void right.idle();
    expect(seen.splice(0)).toEqual(['w5']);
    void left.idle();
    expect(seen.splice(0)).toEqual(['idle']);
    void right.push(batchOf([timestamp], [[1n]]));
    void left.advance(9n);
    expect(seen).toEqual([]);
    void right.advance(7n);
    expect(seen).toEqual(['w7']);
  });
});
