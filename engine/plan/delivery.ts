import { inputsOf, type Plan, type Scan, type SinkPlan } from './plan.ts';

/** How often a row counts in a sink's target when something fails in between, and why that holds. */
export interface Delivery {
  readonly guarantee: 'exactly-once' | 'at-least-once' | 'at-most-once' | 'none';
  /** A sentence each. */
  readonly reasons: readonly string[];
}

/** What a sink delivers: from what its connector keeps, and whether its sources can be read again. */
export function deliveryOf(plan: SinkPlan): Delivery {
  const { keeps, name } = plan.connector;
  const gone = new Set(
    scansOf(plan.input)
      .filter(({ connector }) => connector.replayable === false)
      .map(({ table }) => table.name),
  );
  const lost = [...gone].map((table) => `what '${table}' sends while the job is not running is lost`);
  switch (keeps) {
    case 'positions': {
      const together = `connector '${name}' commits the rows and the positions of the sources in one transaction`;
      return lost.length > 0
        ? { guarantee: 'at-most-once', reasons: [`${together}: no row comes twice`, ...lost] }
        : { guarantee: 'exactly-once', reasons: [`${together}, and a restart goes on at these positions`] };
    }
    case 'rows': {
      if (lost.length > 0) {
        return { guarantee: 'at-most-once', reasons: ['rows are not read again after a restart', ...lost] };
      }
      const flushed = `connector '${name}' flushes the rows, then a checkpoint file takes the positions of the sources`;
      const again = plan.connector.accepts === 'upsert' ? 'come again and replace themselves by key' : 'come again';
      return {
        guarantee: 'at-least-once',
        reasons: [flushed, `after a failure between the two, rows since the last checkpoint ${again}`],
      };
    }
    case 'nothing':
      return {
        guarantee: 'none',
        reasons: [`what connector '${name}' takes ends with the process, so no positions are kept`],
      };
  }
}

/** The tables that a plan reads, in order. */
export function scansOf(plan: Plan): readonly Scan[] {
  return plan.kind === 'scan' ? [plan] : inputsOf(plan).flatMap(scansOf);
}
