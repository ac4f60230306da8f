import type { ReportOption } from '../../engine/connector/define.ts';
import type { CommonUse } from './common-use.ts';
import { parseSpecificOffsets, type ScanMode } from './scan-options.ts';

/** The options of one mode, as read from a table. */
export interface ScanTexts {
  readonly mode: 'earliest-offset' | 'latest-offset' | 'group-offsets' | 'timestamp' | 'specific-offsets' | 'unbounded';
  readonly timestamp: bigint | undefined;
  readonly offsets: string | undefined;
}

/** Reads where a table ends. */
export function readStop(options: CommonUse['options'], report: ReportOption): ScanMode {
  return readScanMode(
    'bounded',
    {
      mode: options['scan.bounded.mode'],
      timestamp: options['scan.bounded.timestamp-millis'],
      offsets: options['scan.bounded.specific-offsets'],
    },
    options.topic,
    options['properties.group.id'],
    report,
  );
}

/** Reads where to start or end; reports what the mode lacks. `phase` is part of the option keys. */
export function readScanMode(
  phase: 'startup' | 'bounded',
  texts: ScanTexts,
  topics: readonly string[] | undefined,
  group: string | undefined,
  report: ReportOption,
): ScanMode {
  const { mode } = texts;
  const modeKey = `scan.${phase}.mode`;
  switch (mode) {
    case 'timestamp': {
      const key = `scan.${phase}.timestamp-millis`;
      if (texts.timestamp !== undefined) return { kind: 'timestamp', timestamp: Number(texts.timestamp) };
      report({ key: modeKey, code: 'missing-option', message: `mode 'timestamp' needs option '${key}'` });
      return { kind: 'latest-offset' };
    }
    case 'specific-offsets': {
      const key = `scan.${phase}.specific-offsets`;
      if (topics?.length !== 1) {
        report({ key: modeKey, code: 'conflicting-options', message: `mode 'specific-offsets' takes one topic only` });
      }
      if (texts.offsets === undefined) {
        report({ key: modeKey, code: 'missing-option', message: `mode 'specific-offsets' needs option '${key}'` });
        return { kind: 'latest-offset' };
      }
      const offsets = parseSpecificOffsets(texts.offsets);
      if (offsets !== undefined) return { kind: 'specific-offsets', offsets };
      const expected = "expected 'partition:0,offset:42;partition:1,offset:300'";
      report({ key, message: `'${texts.offsets}' is not a value for option '${key}': ${expected}` });
      return { kind: 'latest-offset' };
    }
    case 'group-offsets':
      if (group === undefined) {
        report({
          key: modeKey,
          code: 'missing-option',
          message: `${modeKey} 'group-offsets' needs option 'properties.group.id'`,
          help: "add 'properties.group.id', or set the mode to 'earliest-offset' or 'latest-offset'",
        });
      }
      return { kind: mode };
    default:
      return { kind: mode };
  }
}
