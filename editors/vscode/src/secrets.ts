// The key of a model's endpoint, in the editor's secret storage (the system's keychain), not in settings.

import * as vscode from "vscode";

const NAME = "suture.model.apiKey";

export async function apiKey(context: vscode.ExtensionContext): Promise<string | undefined> {
  return (await context.secrets.get(NAME)) || undefined;
}

/** Asks for the key and keeps it; an empty answer forgets it. Returns whether something was changed. */
export async function askForKey(context: vscode.ExtensionContext): Promise<boolean> {
  const given = await vscode.window.showInputBox({
    title: "API key of the model's endpoint",
    prompt: "Kept in your system's keychain, never in a file. Leave it empty to forget the key that is kept.",
    password: true,
    ignoreFocusOut: true,
  });
  if (given === undefined) {
    return false;
  }
  await (given.trim() === "" ? context.secrets.delete(NAME) : context.secrets.store(NAME, given.trim()));
  return true;
}
