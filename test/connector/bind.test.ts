import { describe, expect, it } from 'vitest';
import { bindTable } from '../../engine/connector/bind.ts';
import { defineConnector, type TableUse } from '../../engine/connector/define.ts';
import { defineFormat } from '../../engine/connector/format.ts';
import { type OptionDeclarations, option, type Role } from '../../engine/connector/options.ts';
import type { TableShape } from '../../engine/connector/table.ts';
import { Diagnostics, type Span } from '../../engine/diagnostics/diagnostic.ts';
import { type } from '../../engine/types/data-type.ts';

const table: TableShape = {
  name: 't',
  columns: [{ kind: 'physical', name: 'a', type: type.int() }],
  partitionedBy: [],
};
const at: Span = { start: 13, end: 14 };

function unused(): never {
  throw new Error('nothing is created in these tests');
}

let used: TableUse<OptionDeclarations> | undefined;

const json = defineFormat({
  name: 'json',
  doc: 'JSON.',
  options: { 'ignore-parse-errors': option.boolean('Skip.', { default: 'false' }) },
  createDecoder: unused,
});

const queue = defineConnector({
  name: 'queue',
  doc: 'A queue.',
  options: {
    topic: option.string('Topic.', { required: true }),
    format: option.format('Format.', { required: true }),
    'key.format': option.format('Format of the key.'),
    'max-rows': option.int('Rows.', { default: '100', min: 1, role: 'sink' }),
    mode: option.oneOf(['earliest', 'latest'], 'Mode.', { default: 'latest', role: 'source' }),
    password: option.string('Password.', { secret: true }),
    user: option.string('User.', { required: 'sink' }),
    'properties.*': option.others('Client properties.', { secretKeys: /password|jaas/ }),
  },
  check: (use, _role, report) => {
    used = use;
    if (use.options.mode === 'earliest' && use.options.password !== undefined) {
      report({ key: 'mode', code: 'conflicting-options', message: "'mode' and 'password' exclude each other" });
    }
  },
  createSource: unused,
  createSink: unused,
});

const readOnly = defineConnector({
  name: 'readonly',
  doc: 'Only read.',
  options: {},
  createSource: unused,
});

/** Options as `key=value` lines; line i has its key at [100 i, 100 i + 1) and its value at [100 i + 2, 100 i + 3). */
function bind(role: Role, lines: readonly string[]) {
  used = undefined;
  const diagnostics = new Diagnostics();
  const written = lines.map((line, i) => {
    const [key, value] = line.split('=') as [string, string];
    const start = 100 * (i + 1);
    return { key, value, keySpan: { start, end: start + 1 }, valueSpan: { start: start + 2, end: start + 3 } };
  });
  const registry = { connectors: [queue, readOnly], formats: [json] };
  const bound = bindTable(registry, table, written, at, diagnostics);
  const connector = bound?.use(role, { start: 900, end: 901 }, diagnostics);
  return { bound, connector, found: diagnostics.list };
}

describe('binding a WITH clause', () => {
  it('gives typed values, defaults and formats', () => {
    const { connector, found } = bind('source', [
      'connector=queue',
      'topic=x',
      'format=json',
      'json.ignore-parse-errors=true',
      'properties.client.id=me',
    ]);
    expect(found).toEqual([]);
    expect(connector?.name).toBe('queue');
    expect(used?.options).toMatchObject({ topic: 'x', 'max-rows': 100, mode: 'latest' });
    expect(used?.options['properties.*']).toEqual(new Map([['client.id', 'me']]));
    expect(used?.formats.get('format')?.name).toBe('json');
  });

  it('reports every mistake at its place, in one go', () => {
    const { connector, found } = bind('source', [
      'connector=queue',
      'topik=x',
      'format=jsn',
      'max-rows=many',
      'mode=lates',
    ]);
    expect(connector).toBeUndefined();
    expect(found.map((d) => [d.code, d.span.start, d.help])).toEqual([
      ['unknown-format', 302, "did you mean 'json'?"],
      ['unknown-option', 200, "did you mean 'topic'?"],
      ['bad-option', 402, undefined],
      ['bad-option', 502, "did you mean 'latest'?"],
    ]);
    expect(found[0]?.fix).toEqual({ span: { start: 302, end: 303 }, text: "'json'" });
  });

  it('asks for what a role requires only in that role', () => {
    const lines = ['connector=queue', 'topic=x', 'format=json'];
    expect(bind('source', lines).found).toEqual([]);
    expect(bind('sink', lines).found.map((d) => d.message)).toEqual(["connector 'queue' needs the option 'user'"]);
  });

  it('rejects a role that the connector does not have, at the place of use', () => {
    const { found } = bind('sink', ['connector=readonly']);
    expect(found).toMatchObject([{ code: 'wrong-role', span: { start: 900 } }]);
  });

  it('reads options of formats under their prefix only', () => {
    const { found } = bind('source', [
      'connector=queue',
      'topic=x',
      'format=json',
      'json.ignore-parse-error=true',
      'key.format=json',
      'key.json.ignore-parse-errors=maybe',
    ]);
    expect(found.map((d) => [d.code, d.span.start])).toEqual([
      ['unknown-option', 400],
      ['bad-option', 602],
    ]);
    expect(found[0]?.fix?.text).toBe("'json.ignore-parse-errors'");
  });

  it('hides secrets, also those of passed-through properties', () => {
    const { bound } = bind('source', [
      'connector=queue',
      'topic=x',
      'format=json',
      'password=hunter2',
      'properties.sasl.jaas.config=secret',
      'properties.client.id=me',
    ]);
    expect(bound?.secrets).toEqual(['hunter2', 'secret']);
    expect(bound?.options.get('password')).toBe('***');
    expect(bound?.options.get('properties.sasl.jaas.config')).toBe('***');
    expect(bound?.options.get('properties.client.id')).toBe('me');
  });

  it("places the connector's own checks at the option they name", () => {
    const { found, connector } = bind('source', [
      'connector=queue',
      'topic=x',
      'format=json',
      'mode=earliest',
      'password=p',
    ]);
    expect(found).toMatchObject([{ code: 'conflicting-options', span: { start: 402 } }]);
    expect(connector).toBeUndefined();
  });

  it('names connectors, and the new spelling of old ones', () => {
    expect(bind('source', ['connector=queu']).found).toMatchObject([
      { code: 'unknown-connector', help: "did you mean 'queue'?" },
    ]);
    expect(bind('source', ['topic=x']).found).toMatchObject([{ code: 'missing-connector', span: at }]);
    expect(bind('source', ['connector.type=kafka', 'connector.topic=x']).found).toMatchObject([
      { code: 'unknown-option', help: "write 'connector'" },
    ]);
  });

  it('does not take a property of every object for an option', () => {
    const { found } = bind('source', ['connector=queue', 'topic=x', 'format=json', 'constructor=x']);
    expect(found.map((d) => d.code)).toEqual(['unknown-option']);
  });
});
