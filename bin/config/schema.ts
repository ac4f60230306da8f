const duration = {
  type: 'string',
  pattern: '^\\s*\\d+\\s*(ms|s|sec|secs|second|seconds|m|min|minute|minutes|h|hour|hours|d|day|days)\\s*$',
  'x-expected': "a duration such as '500 ms', '10 s' or '5 min'",
} as const;

const texts = (description: string) =>
  ({ type: 'object', description, additionalProperties: { type: 'string' } }) as const;

const logLevel = { type: 'string', enum: ['debug', 'info', 'warn', 'error'] } as const;

const job = {
  type: 'object',
  additionalProperties: false,
  required: ['files'],
  properties: {
    files: {
      type: 'array',
      description: 'Job files, relative to this file.',
      items: { type: 'string' },
      minItems: 1,
    },
    parallelism: { type: 'integer', minimum: 1, description: 'Workers that read the splits of the sources.' },
    settings: texts("Settings as SET would give them; stronger than the job file's own SET."),
    tables: {
      type: 'object',
      description: "Options of tables, by the table's name; stronger than its WITH clause.",
      additionalProperties: { type: 'object', additionalProperties: { type: 'string' } },
    },
  },
} as const;

const receiver = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  properties: {
    url: { type: 'string', description: 'Where alerts are posted to; a secret.', 'x-secret': true },
    format: {
      type: 'string',
      enum: ['slack', 'json'],
      description: "'slack': an incoming webhook's payload; 'json' (default): the alert's fields, or `template`.",
    },
    template: {
      type: 'string',
      description:
        'Body in which {{rule}}, {{state}}, {{job}}, {{subject}}, {{value}}, {{message}} and {{time}} are replaced.',
    },
    headers: { ...texts('Headers of the request, e.g. Authorization; secrets.'), 'x-secret': true },
  },
} as const;

const rule = {
  type: 'object',
  additionalProperties: false,
  required: ['when'],
  properties: {
    when: {
      type: 'string',
      enum: ['no-rows', 'lag-records', 'lag-time', 'dead-letters', 'degraded', 'restarts'],
      description:
        'no-rows: nothing was read; lag-records, lag-time: how far a split is behind; dead-letters, restarts: how many within `for`; degraded: an attempt failed and is repeated.',
    },
    over: { type: 'string', description: "The limit: a number, or a duration for 'lag-time'. Default: 0." },
    under: {
      type: 'string',
      description: 'The alert is resolved only below this (hysteresis). Default: the limit itself.',
    },
    for: {
      ...duration,
      description: 'How long before it fires; for counts: the span they are counted in. Default: 1 min.',
    },
    job: { type: 'string', description: 'Only this job. Default: every job.' },
    to: { type: 'array', items: { type: 'string' }, description: 'Names of receivers. Default: all.' },
  },
} as const;

const sections = {
  variables: texts('Values of variables in job files; the process environment is stronger.'),
  jobs: {
    type: 'object',
    description: 'The jobs that `cryptopipe run` without files runs.',
    additionalProperties: job,
  },
  logging: {
    type: 'object',
    additionalProperties: false,
    properties: {
      level: { ...logLevel, description: 'Least severe log lines to print. Default: info.' },
      format: {
        type: 'string',
        enum: ['pretty', 'json'],
        description: 'Default: pretty on a terminal, json elsewhere.',
      },
      components: {
        type: 'object',
        description: 'Levels of single components: a connector, or runtime.',
        additionalProperties: logLevel,
      },
    },
  },
  http: {
    type: 'object',
    additionalProperties: false,
    properties: {
      port: {
        type: 'integer',
        minimum: 0,
        maximum: 65535,
        description: 'Port of health, metrics and dashboard; 0 takes a free one. Default: no server.',
      },
      host: { type: 'string', description: 'Address to listen on. Default: 127.0.0.1.' },
      token: {
        type: 'string',
        minLength: 16,
        'x-expected': 'at least 16 characters',
        description: 'What clients send as bearer token; demanded where `host` is not a loopback address.',
        'x-secret': true,
      },
    },
  },
  alerts: {
    type: 'object',
    additionalProperties: false,
    properties: {
      receivers: { type: 'object', description: 'Who is told, by name.', additionalProperties: receiver },
      rules: { type: 'object', description: 'What is told, by name.', additionalProperties: rule },
    },
  },
} as const;

/**
 * JSON schema (draft 7) of `cryptopipe.yaml`: what editors check against, and what the file is read with.
 * `x-expected` says in words what a pattern wants; `x-secret` marks values that are never shown.
 */
export const configurationSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'cryptopipe.yaml',
  type: 'object',
  additionalProperties: false,
  properties: {
    ...sections,
    profiles: {
      type: 'object',
      description: 'Sections that replace parts of the others with --profile NAME.',
      additionalProperties: { type: 'object', additionalProperties: false, properties: sections },
    },
  },
} as const;
