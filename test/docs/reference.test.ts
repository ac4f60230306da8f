import { describe, expect, it } from 'vitest';
import { commandsMarkdown } from '../../bin/commands-markdown.ts';
import { connectorsMarkdown } from '../../bin/connectors.ts';
import { entryOf, functionsMarkdown } from '../../bin/functions.ts';
import { createProgram } from '../../bin/program.ts';
import { codesMarkdown, settingsMarkdown } from '../../bin/reference.ts';
import { connectors, formats } from '../../connectors/index.ts';
import { aggregateFunctions, functions } from '../../engine/index.ts';

const pages = {
  'connectors.md': () => connectorsMarkdown(connectors),
  'formats.md': () => connectorsMarkdown(formats),
  'functions.md': () =>
    functionsMarkdown([...new Set([...functions.values(), ...aggregateFunctions.values()])].map(entryOf)),
  'settings.md': settingsMarkdown,
  'diagnostics.md': codesMarkdown,
  'commands.md': () => commandsMarkdown(createProgram()),
};

/** `npx vitest run test/docs/reference.test.ts --update` writes the pages anew. */
describe('docs/reference', () => {
  it.each(Object.entries(pages))('%s is what the declarations say', async (name, page) => {
    await expect(page()).toMatchFileSnapshot(`../../docs/reference/${name}`);
  });
});
