import { csv } from '../../../connectors/formats/csv.ts';
import type { Decoder, Encoder, FormatContext } from '../../../engine/connector/format.ts';
import type { OptionValues } from '../../../engine/connector/options.ts';
import type { Field } from '../../../engine/types/data-type.ts';
import type { Counts } from './json-harness.ts';

export type CsvOptions = OptionValues<typeof csv.options>;

const defaults = Object.fromEntries(
  Object.entries(csv.options).map(([key, o]) => {
    const read = 'default' in o ? o.parse(o.default) : undefined;
    return [key, read !== undefined && 'value' in read ? read.value : undefined];
  }),
) as unknown as CsvOptions;

/** The declared defaults with some options changed. */
export function csvOptions(changed: Partial<CsvOptions> = {}): CsvOptions {
  return { ...defaults, ...changed };
}

function context(files: boolean, counts: Counts): FormatContext {
  const add = (name: string, amount: number) => {
    counts[name] = (counts[name] ?? 0) + amount;
  };
  return { timeZone: 'UTC', files, counters: { add } };
}

export function csvDecoder(
  fields: readonly Field[],
  options: Partial<CsvOptions> = {},
  { files = false, counts = {} as Counts, wanted = fields.map((_, i) => i) } = {},
): Decoder {
  return csv.createDecoder!(fields, wanted, csvOptions(options), context(files, counts));
}

export function csvEncoder(fields: readonly Field[], options: Partial<CsvOptions> = {}, files = false): Encoder {
  return csv.createEncoder!(fields, csvOptions(options), context(files, {}));
}
