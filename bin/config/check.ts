import { type Diagnostic, parseDuration, suggest } from '../../engine/index.ts';
import type { AlertRule } from './configuration.ts';
import type { ReadConfiguration } from './read-file.ts';
import { isTree, merge, type Tree } from './tree.ts';

/** What a condition counts: a number, or milliseconds for 'lag-time'; undefined where the text is none. */
export function limitOf(when: AlertRule['when'], text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = when === 'lag-time' ? parseDuration(text) : Number(text);
  return value === undefined || Number.isNaN(value) ? undefined : value;
}

/**
 * What the schema cannot say: limits fit their condition and each other, receivers exist and can be posted to,
 * components are connectors. Looks also at contents that the schema refuses, for what they have.
 */
export function checkConfiguration(read: ReadConfiguration, connectors: readonly string[]): Diagnostic[] {
  const { profiles, ...base } = read.content;
  const all: [readonly string[], Tree][] = [
    [[], base],
    ...Object.entries(treeOf(profiles)).map(([name, tree]): [string[], Tree] => [['profiles', name], treeOf(tree)]),
  ];
  return all.flatMap(([prefix, own]) => {
    const report = (at: readonly string[], message: string, help?: string): Diagnostic => ({
      code: 'config-value',
      severity: 'error',
      message: `'${[...prefix, ...at].join('.')}': ${message}`,
      span: read.spanOf([...prefix, ...at]) ?? read.spanOf(at) ?? { start: 0, end: 1 },
      ...(help === undefined ? {} : { help }),
    });
    const merged = prefix.length === 0 ? own : treeOf(merge(base, own));
    return [
      ...checkComponents(own, connectors, report),
      ...checkReceivers(own, report),
      ...checkRules(own, merged, report),
    ];
  });
}

type Report = (at: readonly string[], message: string, help?: string) => Diagnostic;

function checkComponents(own: Tree, connectors: readonly string[], report: Report): Diagnostic[] {
  const known = ['runtime', ...connectors];
  return Object.keys(treeOf(treeOf(own.logging).components))
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = suggest(name, known);
      const help = near === undefined ? `components are ${known.join(', ')}` : `did you mean '${near}'?`;
      return report(['logging', 'components', name], 'there is no such component', help);
    });
}

/** The address is a secret: it is not repeated. */
function checkReceivers(own: Tree, report: Report): Diagnostic[] {
  return Object.entries(treeOf(treeOf(own.alerts).receivers))
    .filter(([, receiver]) => {
      const { url } = treeOf(receiver);
      return typeof url === 'string' && url !== '' && !isWebAddress(url);
    })
    .map(([name]) =>
      report(
        ['alerts', 'receivers', name, 'url'],
        'expected an address that begins with http:// or https://, found ***',
      ),
    );
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function checkRules(own: Tree, merged: Tree, report: Report): Diagnostic[] {
  const receivers = Object.keys(treeOf(treeOf(merged.alerts).receivers));
  const rules = treeOf(treeOf(merged.alerts).rules);
  return Object.keys(treeOf(treeOf(own.alerts).rules)).flatMap((name) => {
    const rule = treeOf(rules[name]);
    const at = (key: string) => ['alerts', 'rules', name, key];
    const when = rule.when as AlertRule['when'];
    const limit = (key: string) => (typeof rule[key] === 'string' ? limitOf(when, rule[key]) : undefined);
    const problems = ['over', 'under']
      .filter((key) => typeof rule[key] === 'string' && limit(key) === undefined)
      .map((key) => {
        const wanted = when === 'lag-time' ? "a duration such as '30 s'" : 'a number';
        return report(at(key), `expected ${wanted}, found '${rule[key]}'`);
      });
    const [over, under] = [limit('over') ?? 0, limit('under')];
    if (under !== undefined && under > over) {
      problems.push(report(at('under'), `expected no more than 'over', found '${rule.under}'`));
    }
    const unknown = (Array.isArray(rule.to) ? (rule.to as unknown[]) : []).filter(
      (receiver): receiver is string => typeof receiver === 'string' && !receivers.includes(receiver),
    );
    for (const receiver of unknown) {
      const near = suggest(receiver, receivers);
      const help = near === undefined ? "declare it under 'alerts.receivers'" : `did you mean '${near}'?`;
      problems.push(report(at('to'), `names the receiver '${receiver}', which is not declared`, help));
    }
    return problems;
  });
}

function treeOf(value: unknown): Tree {
  return isTree(value) ? value : {};
}
