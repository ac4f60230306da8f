import { defineConnector } from '../engine/connector/define.ts';

/** Takes all rows and keeps none: for measuring what comes before it. */
export const blackhole = defineConnector({
  name: 'blackhole',
  doc: 'Discards all rows: for measuring and for trying out queries.',
  options: {},
  accepts: () => 'retract',
  keeps: () => 'nothing',
  createSink() {
    let pending = 0;
    return {
      flush: { maxRows: 100_000, interval: 1000 },
      durable: false,
      get pending() {
        return pending;
      },
      open: async () => {},
      write: (batch) => {
        pending += batch.length;
      },
      commit: async () => {
        pending = 0;
      },
      close: async () => {},
    };
  },
});
