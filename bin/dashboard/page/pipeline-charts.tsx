import { type FigureName, figureNames } from '../messages.ts';
import { Chart } from './chart.tsx';
import type { PipelineHistory } from './live.ts';
import { showCount, showRate, showSeconds } from './show-figures.ts';

/** Throughput, latency and lag of a pipeline during the last hour. */
export function PipelineCharts({ history }: { readonly history: PipelineHistory }) {
  const { times } = history;
  const of = (name: FigureName) => history.series[figureNames.indexOf(name)]!;
  const version = times.at(-1) ?? 0;
  const last = (name: FigureName, show: (n: number) => string) => {
    const value = of(name).at(-1);
    return value === null || value === undefined ? '–' : show(value);
  };
  const newest = (name: FigureName, show: (n: number) => string) => {
    const value = of(name).findLast((v) => v !== null);
    return value === null || value === undefined ? '–' : show(value);
  };
  return (
    <div class="charts">
      <Chart
        title="Throughput"
        summary={`${last('in', showRate)} read, ${last('out', showRate)} written`}
        lines={[{ label: 'rows read' }, { label: 'rows written' }]}
        data={[times, of('in'), of('out')]}
        version={version}
        show={showRate}
        fromZero
      />
      <Chart
        title="Latency"
        summary={
          of('p50').every((v) => v === null)
            ? of('in').some((v) => v !== null && v > 0)
              ? 'not known: rows without timestamps'
              : 'no rows yet'
            : `${newest('p50', showSeconds)} for half, ${newest('p99', showSeconds)} for 99 %`
        }
        lines={[{ label: 'p50' }, { label: 'p99' }]}
        data={[times, of('p50'), of('p99')]}
        version={version}
        show={showSeconds}
        fromZero
      />
      <Chart
        title="Lag"
        summary={
          last('lagRecords', showCount) === '–'
            ? 'not known for these sources'
            : `${last('lagRecords', showCount)} records, ${last('lagSeconds', showSeconds)}`
        }
        lines={[{ label: 'records' }, { label: 'time', axis: 'right' }]}
        data={[times, of('lagRecords'), of('lagSeconds')]}
        version={version}
        show={showCount}
        showRight={showSeconds}
        fromZero
      />
    </div>
  );
}
