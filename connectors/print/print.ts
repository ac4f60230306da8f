import { defineConnector } from '../../engine/connector/define.ts';
import { option } from '../../engine/connector/options.ts';
import { type RowBatch, RowKind, valueAt } from '../../engine/types/batch.ts';
import { rowText, valuePrinter } from './row-text.ts';

/** Shows every row on the terminal. */
export const print = defineConnector({
  name: 'print',
  doc: 'Prints all rows with their kind, one a line: +I[BTC, 67321.12].',
  options: {
    'print-identifier': option.string("Printed in front of every row, followed by '> '.", { role: 'sink' }),
    'standard-error': option.boolean('Whether rows go to standard error instead of standard output.', {
      default: 'false',
      role: 'sink',
    }),
    'sink.parallelism': option.int('Accepted as in Flink; one worker prints.', { role: 'sink', min: 1 }),
  },
  accepts: () => 'retract',
  keeps: () => 'nothing',
  createSink({ table, options }, written) {
    const types = written.map((i) => table.columns[i]!.type);
    const printers = types.map(valuePrinter);
    const identifier = options['print-identifier'];
    const prefix = identifier === undefined || identifier === '' ? '' : `${identifier}> `;
    const stream = options['standard-error'] ? process.stderr : process.stdout;
    let pending = 0;

    function lines(batch: RowBatch): string {
      let text = '';
      for (let i = 0; i < batch.length; i++) {
        const values = printers.map((show, c) => show(valueAt(types[c]!, batch.columns[c]!, i)));
        text += `${prefix}${rowText(batch.kinds?.[i] ?? RowKind.insert, values)}\n`;
      }
      return text;
    }

    return {
      flush: { maxRows: 10_000, interval: 1000 },
      durable: false,
      get pending() {
        return pending;
      },
      open: async () => {},
      write(batch) {
        pending += batch.length;
        if (stream.write(lines(batch))) return undefined;
        return new Promise((resolve) => stream.once('drain', resolve));
      },
      commit: async () => {
        pending = 0;
        await new Promise((resolve) => stream.write('', resolve));
      },
      close: async () => {},
    };
  },
});
