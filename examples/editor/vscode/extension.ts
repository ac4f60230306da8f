import { type ExtensionContext, window, workspace } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';

let client: LanguageClient | undefined;

/** Called by the editor when the first SQL file is opened: starts `cryptopipe lsp`. */
export async function activate(context: ExtensionContext): Promise<void> {
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  const setting = workspace.getConfiguration('cryptopipe').get<string>('command', 'cryptopipe');
  const command = setting.replaceAll('${' + 'workspaceFolder}', folder ?? '.');
  client = new LanguageClient(
    'cryptopipe',
    {
      command,
      args: ['lsp'],
      transport: TransportKind.stdio,
      ...(folder === undefined ? {} : { options: { cwd: folder } }),
    },
    { documentSelector: [{ language: 'sql' }] },
  );
  context.subscriptions.push(client);
  try {
    await client.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void window.showErrorMessage(
      `'${command} lsp' did not start: ${reason}. Install cryptopipe, or set 'cryptopipe.command' to where it is.`,
    );
  }
}

/** Called by the editor before it ends. */
export async function deactivate(): Promise<void> {
  if (client?.isRunning() === true) await client.stop();
}
