import type { Connector } from './define.ts';
import { type OptionDeclarations, option } from './options.ts';

/** Options that the engine gives to every table that can be read. */
const ofSources = {
  'scan.watermark.idle-timeout': option.duration(
    "Event time does not wait for a split that gave no rows for so long; instead of the setting 'table.exec.source.idle-timeout'.",
    { role: 'source' },
  ),
} as const satisfies OptionDeclarations;

/** The options of a connector's tables. */
export function optionsOf(connector: Connector): OptionDeclarations {
  return connector.createSource === undefined ? connector.options : { ...connector.options, ...ofSources };
}

/** Milliseconds after which a split without rows is idle; undefined where the table does not say. */
export function idleTimeoutOf(options: Readonly<Record<string, unknown>>): number | undefined {
  return options['scan.watermark.idle-timeout'] as number | undefined;
}
