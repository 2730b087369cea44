// Where the person is: the editor, the cursor's line, the function around it, the problems on it.
//
// Invariant: nothing here asks about code itself; which functions can be fuzzed is what the server's lenses say, and
// which problem is meant is what the server attached to its diagnostics.

import * as path from "node:path";
import * as vscode from "vscode";

/** Languages beside Python whose failures are shown and healed. */
export const HEALED = ["rust", "go", "typescript", "typescriptreact", "javascript", "javascriptreact"];

/** What stands in the way of a command; shown to the person as it is. */
export class Explained extends Error {}

export function editor(): vscode.TextEditor {
  const active = vscode.window.activeTextEditor;
  if (active === undefined || active.document.languageId !== "python") {
    throw new Explained("Open a Python file first.");
  }
  return active;
}

/** The file that is open, of any language that can be run. */
export function healable(): string {
  const active = vscode.window.activeTextEditor;
  if (active === undefined || !["python", ...HEALED].includes(active.document.languageId)) {
    throw new Explained("Open a Python, Rust, Go, TypeScript or JavaScript file first.");
  }
  return active.document.uri.toString();
}

export function here(): { uri: string; line: number } {
  const { document, selection } = editor();
  return { uri: document.uri.toString(), line: selection.active.line };
}

/** Ids of Suture's diagnostics that touch the cursor's line. `data` is what the server attached to them. */
export function problemsHere(): string[] {
  healable();
  const { document, selection } = vscode.window.activeTextEditor as vscode.TextEditor;
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter((each) => each.source === "suture" && each.range.intersection(document.lineAt(selection.active).range))
    .map((each) => (each as vscode.Diagnostic & { data?: { id?: string } }).data?.id)
    .filter((id) => id !== undefined);
}

/** The first problem of the cursor's line. Throws Explained if there is none. */
export function problemHere(): string {
  const [id] = problemsHere();
  if (id === undefined) {
    throw new Explained("Suture reports no problem on this line.");
  }
  return id;
}

export async function pickRoot(): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    throw new Explained("Open a folder first.");
  }
  return folders.length === 1 ? folders[0]?.uri : (await vscode.window.showWorkspaceFolderPick())?.uri;
}

/** Splits a command line at blanks; quotes keep a word together. */
export function words(line: string): string[] {
  const parts = line.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return parts.map((part) => part.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

/** A warning with buttons; what was chosen is done. */
export async function offer(message: string, buttons: Record<string, () => unknown>): Promise<void> {
  const chosen = await vscode.window.showWarningMessage(message, ...Object.keys(buttons));
  if (chosen !== undefined) {
    await buttons[chosen]?.();
  }
}

/** A file of tests that a command of the server made is saved, and shown beside the code that it is about. */
export async function showMade(command: string, answer: unknown): Promise<void> {
  const made = answer as { applied?: unknown; path?: unknown } | null;
  if (!["suture.keepRegressionTest", "suture.writePropertyTests"].includes(command) || made?.applied !== true) {
    return;
  }
  if (typeof made.path === "string" && path.isAbsolute(made.path)) {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(made.path));
    await document.save();
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  }
}
