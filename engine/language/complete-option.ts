import type { Option } from '../connector/options.ts';
import type { Frame } from './clause.ts';
import type { Completion } from './complete.ts';
import type { Place } from './place.ts';
import type { SourceFile } from './source-file.ts';

/** Keys and values of a WITH clause by the connector and the formats that it names, before or after the place. */
export function completeOptions(file: SourceFile, place: Place, frame: Frame): readonly Completion[] {
  const { connectors } = file.environment.registry;
  const written = optionsAround(place, frame);
  const connector = connectors.find(({ name }) => name === written.get('connector'));
  const options = [
    ...Object.entries(connector?.options ?? {}),
    ...formatOptions(file, written, connector?.options ?? {}),
  ];
  const previous = place.before.at(-1)!.token.key;
  if (previous !== '=') {
    const free = options.filter(([key]) => !written.has(key));
    if (written.has('connector')) return declaredOptions(place, free);
    return [
      { kind: 'option', label: 'connector', text: asText(place, 'connector'), span: place.replaced },
      ...declaredOptions(place, free),
    ];
  }
  const key = unquote(place.before.at(-2)?.text ?? '');
  const described: readonly { readonly name: string; readonly doc?: string }[] =
    key === 'connector' ? connectors : valuesOf(file, options.find(([name]) => name === key)?.[1]);
  return described.map(({ name, doc }) => ({
    kind: 'value',
    label: name,
    text: asText(place, name),
    span: place.replaced,
    ...(doc === undefined ? {} : { doc }),
  }));
}

/** Options as keys, with what they are for. */
export function declaredOptions(place: Place, options: readonly (readonly [string, Option])[]): readonly Completion[] {
  return options.map(([key, option]) => ({
    kind: 'option',
    label: key,
    text: asText(place, key.endsWith('*') ? key.slice(0, -1) : key),
    span: place.replaced,
    detail: optionDetail(option),
    doc: option.doc,
  }));
}

/** `enum, default 'group-offsets', only for sources`. */
export function optionDetail({ kind, required, role, default: standard }: Option): string {
  return [
    kind,
    required === undefined || required === false ? '' : required === true ? 'required' : `required for a ${required}`,
    standard === undefined ? '' : `default '${standard}'`,
    role === undefined ? '' : `only for ${role}s`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** The options of the formats that a WITH clause names, by their keys there. */
export function formatOptions(
  file: SourceFile,
  written: ReadonlyMap<string, string>,
  declarations: Readonly<Record<string, Option>>,
): readonly (readonly [string, Option])[] {
  return Object.entries(declarations).flatMap(([key, { kind }]) => {
    if (kind !== 'format') return [];
    const format = file.environment.registry.formats.find(({ name }) => name === written.get(key));
    const prefix = key.slice(0, -'format'.length);
    return Object.entries(format?.options ?? {}).map(([own, o]) => [`${prefix}${format!.name}.${own}`, o] as const);
  });
}

function valuesOf(
  file: SourceFile,
  option: Option | undefined,
): readonly { readonly name: string; readonly doc?: string }[] {
  switch (option?.kind) {
    case 'format':
      return file.environment.registry.formats;
    case 'boolean':
      return [{ name: 'true' }, { name: 'false' }];
    case 'enum':
      return (option.values ?? []).map((name) => ({ name }));
    default:
      return option?.default === undefined ? [] : [{ name: option.default }];
  }
}

function optionsAround({ before, after }: Place, frame: Frame): ReadonlyMap<string, string> {
  const close = after.findIndex(({ token }) => token.key === ')');
  const written = new Map<string, string>();
  for (const words of [before.slice(frame.first), after.slice(0, close < 0 ? after.length : close)]) {
    words.forEach(({ text, token }, i) => {
      const value = words[i + 2];
      if (token.kind === 'string' && words[i + 1]?.token.key === '=' && value?.token.kind === 'string') {
        written.set(unquote(text), unquote(value.text));
      }
    });
  }
  return written;
}

function asText(place: Place, text: string): string {
  return place.inside === 'string' ? text.replaceAll("'", "''") : `'${text.replaceAll("'", "''")}'`;
}

function unquote(text: string): string {
  return text.slice(1, -1).replaceAll("''", "'");
}
