import type { Command } from 'commander';

export function addLsp(program: Command): void {
  program
    .command('lsp')
    .summary('the language server for editors')
    .description('Speaks the Language Server Protocol over standard input and output; editors start it.')
    .option('--stdio', 'the only way to talk; editors that name it may')
    .action(async () => {
      const { serve } = await import('./lsp/serve.ts');
      const { registry } = await import('../connectors/index.ts');
      serve(registry);
    });
}
