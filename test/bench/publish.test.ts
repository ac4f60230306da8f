import { describe, expect, it } from 'vitest';
import { renderCharts } from '../../bench/charts.ts';
import { renderGoals } from '../../bench/goals.ts';
import type { Report, Result } from '../../bench/report.ts';

function bulk(name: string, runner: string, rate: number, cpuMicroseconds: number, memory: number): Result {
  const messagesPerSecond = { median: rate, least: rate * 0.9, most: rate * 1.1 };
  return { name, title: `${name} <job>`, runner, messagesPerSecond, cpuMicroseconds, memory };
}

function report(results: readonly Result[]): Report {
  return { date: '2026-01-01', machine: 'm', versions: 'v', command: 'c', runs: 3, results };
}

const seed = [bulk('seed', 'cryptopipe', 2_000_000, 0.5, 120), bulk('seed', 'Flink, hot', 800_000, 2, 1250)];

describe('the goals of a report', () => {
  const lineOf = (results: readonly Result[], asked: string) =>
    renderGoals(report(results))
      .split('\n')
      .find((line) => line.includes(asked));

  it('are met by ratios of medians', () => {
    expect(lineOf(seed, '≥ 2 × Flink hot')).toBe('| → blackhole: ≥ 2 × Flink hot | 2.50 × |');
    expect(lineOf(seed, '≤ 1/2 of its processor time')).toContain('| 1/4.0 |');
    expect(lineOf(seed, '≤ 1/10 of Flink')).toContain('| 1/10.4 |');
  });

  it('are missed aloud', () => {
    const slow: Result = { name: 'first-row', title: 'first row', runner: 'cryptopipe', seconds: 0.78 };
    expect(lineOf([slow], '≤ 0.7 s')).toBe('| first row, servers up: ≤ 0.7 s | **missed**: 0.78 s |');
    const late: Result = { name: 'latency-200', title: 'latency', runner: 'cryptopipe', p50: 3, p99: 31 };
    expect(lineOf([late], 'p99 ≤ 30 ms')).toContain('**missed**: 3 ms, 31 ms');
  });

  it('that the run left out are not passed off as met', () => {
    expect(lineOf(seed, '≥ 4 × a kafkajs loop')).toContain('not measured in this run');
  });
});

describe('the charts of a report', () => {
  it('draw what was measured, the longest bar of a case as long as the room for it', () => {
    const charts = renderCharts(report(seed));
    expect(charts.map((chart) => chart.name)).toEqual(['speed', 'processor', 'memory']);
    const widths = [...charts[0]!.svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(widths).toHaveLength(2);
    expect(widths[1]! / widths[0]!).toBeCloseTo(0.4, 2);
    expect(charts[0]!.svg).toContain('2.00 M');
  });

  it('write texts as texts', () => {
    expect(renderCharts(report(seed))[0]!.svg).toContain('seed &lt;job>');
  });
});
