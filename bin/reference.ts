import { codes, settings } from '../engine/index.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** The settings as a Markdown page. */
export function settingsMarkdown(): string {
  const rows = Object.entries(settings).map(([key, declared]) => {
    const values = declared.values === undefined ? '' : ` One of ${declared.values.map((v) => `\`${v}\``).join(', ')}.`;
    const standard = declared.default === undefined ? '' : `\`${declared.default}\``;
    return `| \`${key}\` | ${declared.kind} | ${standard} | ${cell(declared.doc)}${values}${declared.ours ? ' Not in Flink.' : ''} |`;
  });
  return `# Settings\n\n\`SET 'key' = 'value';\` in a job file, or \`cryptopipe run --set key=value\`.\n\n| key | type | default | what it does |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

/** The codes of diagnostics as a Markdown page. */
export function codesMarkdown(): string {
  const rows = Object.entries(codes).map(([code, doc]) => `| \`${code}\` | ${cell(doc)} |`);
  return `# Diagnostics\n\nThe codes of mistakes, in brackets behind \`error\` or \`warning\`.\n\n| code | what is wrong |\n|---|---|\n${rows.join('\n')}\n`;
}
