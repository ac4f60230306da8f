import path from 'node:path';
import { defineConnector } from '../../engine/connector/define.ts';
import { option } from '../../engine/connector/options.ts';
import { rejectOptions, rejectPolicy } from '../../engine/connector/rejection.ts';
import type { TableColumn, TableShape } from '../../engine/connector/table.ts';
import type { Column } from '../../engine/types/batch.ts';
import type { Scalar } from '../../engine/types/data-type.ts';
import { constantColumn, fileMetadata, metadataOf } from './file-columns.ts';
import { localPath } from './files.ts';
import { isPartitionType, partitionValue, partitionValues } from './partition-path.ts';
import { FileSink } from './sink.ts';
import { FileSource } from './source.ts';

const ways = "set 'on-error' = 'dead-letter' to keep such lines apart and go on, or 'skip' to count them only";

/** Reads and writes files of lines on the local disk. */
export const filesystem = defineConnector({
  name: 'filesystem',
  doc: 'Reads a file or all files of a folder, line by line, and writes part files into a folder.',
  options: {
    path: option.string('A file or folder to read, or the folder to write; a local path or a file: URI.', {
      required: true,
    }),
    format: option.format('The format of a line.', { required: true }),
    'partition.default-name': option.string('The folder of rows whose partition value is NULL or empty.', {
      default: '__DEFAULT_PARTITION__',
    }),
    'source.monitor-interval': option.duration(
      'How often to look for new files, which makes the source endless; it reads what is there at the start otherwise.',
      { role: 'source' },
    ),
    'source.path.regex-pattern': option.string('Reads only files whose whole path matches.', { role: 'source' }),
    ...rejectOptions('malformed', 'wrong-type', 'missing-field', 'too-large', 'encoding'),
    'max-record-size': option.size(
      "Lines of more bytes are 'too-large'; where it is not set, what the format reads is the limit.",
      { role: 'source', ours: true },
    ),
    'sink.rolling-policy.file-size': option.size('A part file of this size is finished.', {
      default: '128mb',
      role: 'sink',
    }),
    'sink.rolling-policy.rollover-interval': option.duration('A part file of this age is finished.', {
      default: '30 min',
      role: 'sink',
    }),
    'sink.rolling-policy.check-interval': option.duration('Accepted as in Flink; age is looked at with every commit.', {
      default: '1 min',
      role: 'sink',
    }),
    'sink.partition-commit.*': option.others(
      'Accepted as in Flink; partitions are visible as soon as their files are.',
      {
        role: 'sink',
      },
    ),
    'auto-compaction': option.boolean('Whether small files are joined; they are not here.', {
      default: 'false',
      role: 'sink',
    }),
    'sink.parallelism': option.int('Accepted as in Flink; one worker writes.', { role: 'sink', min: 1 }),
    'source.report-statistics': option.oneOf(['all', 'none'], 'Accepted as in Flink, without effect.', {
      default: 'all',
      role: 'source',
    }),
  },
  metadata: fileMetadata,
  bounded: (options) => options['source.monitor-interval'] === undefined,

  check({ table, options, formats }, role, report) {
    if (localPath(options.path) === undefined) {
      report({ key: 'path', message: `'${options.path}' is not on the local disk`, help: 'give a local path' });
    }
    const pattern = options['source.path.regex-pattern'];
    if (pattern !== undefined && compilePattern(pattern) === undefined) {
      report({ key: 'source.path.regex-pattern', message: `'${pattern}' is no regular expression` });
    }
    if (role === 'sink' && options['sink.partition-commit.*'].size > 0) {
      const [rest] = options['sink.partition-commit.*'].keys();
      report({
        key: `sink.partition-commit.${rest}`,
        severity: 'warning',
        message: `'sink.partition-commit.${rest}' has no effect: no success files are written and no metastore is told`,
      });
    }
    if (role === 'sink' && options['auto-compaction']) {
      report({
        key: 'auto-compaction',
        severity: 'warning',
        message: "'auto-compaction' has no effect: files stay as written",
      });
    }
    for (const name of table.partitionedBy) {
      const column = table.columns.find((c) => c.name === name);
      if (column?.kind !== 'physical') {
        report({ message: `PARTITIONED BY names '${name}', which is no physical column` });
      } else if (!isPartitionType(column.type)) {
        report({ message: `column '${name}' of type ${column.type.kind} cannot be in PARTITIONED BY` });
      }
    }
    const problem = formats.get('format')?.check(formatColumns(table), role);
    if (problem !== undefined) report({ key: 'format', message: problem });
  },

  createSource({ table, options, formats }, wanted, context) {
    const root = localPath(options.path)!;
    const pattern = options['source.path.regex-pattern'];
    const fields = formatColumns(table);
    const columns = wanted.map((i) => table.columns[i]!);
    const decoded = columns.filter((c) => isFormatColumn(table, c));
    const format = formats.get('format')!;
    const decoder = format.createDecoder(
      fields,
      decoded.map((c) => fields.findIndex((f) => f.name === c.name)),
      { ...context, files: true },
    );
    const defaultName = options['partition.default-name'];
    const needsMetadata = columns.some((c) => c.kind === 'metadata');
    return new FileSource({
      root,
      pattern: pattern === undefined ? undefined : compilePattern(pattern),
      monitor: options['source.monitor-interval'],
      decoder,
      maxLine: options['max-record-size'],
      policy: rejectPolicy(options),
      rejects: context.rejects,
      help:
        format.name === 'raw'
          ? ways
          : `${ways}; '${format.name}.ignore-parse-errors' = 'true' makes NULL of fields that do not fit`,
      begin: async (file) => {
        const metadata = needsMetadata ? await metadataOf(file) : undefined;
        const partitions = partitionValues(root, file);
        const constant = (column: TableColumn): Scalar => {
          if (column.kind === 'metadata') return metadata?.get(column.key) ?? null;
          const text = partitions.get(column.name);
          return text === undefined ? null : partitionValue(column.type, text, defaultName);
        };
        return (length, taken) => {
          let next = 0;
          const all = columns.map((column): Column => {
            if (isFormatColumn(table, column)) return taken[next++]!;
            return constantColumn(column.type, constant(column), length);
          });
          return { length, columns: all };
        };
      },
    });
  },

  createSink({ table, options, formats }, written, context) {
    const columns = written.map((i) => table.columns[i]!);
    const encoded = columns.flatMap((c, i) => (isFormatColumn(table, c) ? [i] : []));
    const target = {
      root: path.resolve(localPath(options.path)!),
      encoder: formats.get('format')!.createEncoder(
        encoded.map((i) => columns[i]!),
        { ...context, files: true },
      ),
      encoded,
      partitions: table.partitionedBy.map((name) => {
        const index = columns.findIndex((c) => c.name === name);
        return { name, index, type: columns[index]!.type };
      }),
      defaultPartition: options['partition.default-name'],
      rollSize: options['sink.rolling-policy.file-size'],
      rollInterval: options['sink.rolling-policy.rollover-interval'],
      columns,
      policy: rejectPolicy(options),
    };
    return new FileSink(target, context);
  },
});

function isFormatColumn(table: TableShape, column: TableColumn): boolean {
  return column.kind === 'physical' && !table.partitionedBy.includes(column.name);
}

/** The columns that stand in the files themselves; partition columns are in the names of folders. */
function formatColumns(table: TableShape): TableColumn[] {
  return table.columns.filter((c) => isFormatColumn(table, c));
}

function compilePattern(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    return undefined;
  }
}
