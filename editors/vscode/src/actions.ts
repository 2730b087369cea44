// What a row of the lightbulb's menu does stays valid as long as the menu is open.
//
// VS Code forgets the arguments of a row's command as soon as it asks for actions again, which new diagnostics make it
// do while the menu still shows the old rows: choosing one then ends in "Actual command not found". A command without
// arguments is not forgotten, so each row gets one of its own.
//
// Invariant: the same command with the same arguments has the same name; only the last rows are remembered.

import { createHash } from "node:crypto";
import * as vscode from "vscode";

const REMEMBERED = 300;

const known = new Map<string, vscode.Disposable>();

export function register(): vscode.Disposable {
  return new vscode.Disposable(() => {
    known.forEach((each) => each.dispose());
    known.clear();
  });
}

/** The same rows, with commands that need no arguments. */
export function lasting(rows: readonly (vscode.Command | vscode.CodeAction)[]): (vscode.Command | vscode.CodeAction)[] {
  return rows.map((row) => {
    if (!(row instanceof vscode.CodeAction)) {
      return named(row);
    }
    if (row.command !== undefined) {
      row.command = named(row.command);
    }
    return row;
  });
}

function named(command: vscode.Command): vscode.Command {
  if (!command.arguments?.length) {
    return command;
  }
  const { command: of, arguments: given } = command;
  const name = `suture.row.${createHash("sha256").update(JSON.stringify([of, given])).digest("hex").slice(0, 24)}`;
  const before = known.get(name);
  known.delete(name); // the one that was shown last is forgotten last
  known.set(name, before ?? vscode.commands.registerCommand(name, () => vscode.commands.executeCommand(of, ...given)));
  for (const [oldest, registered] of known) {
    if (known.size <= REMEMBERED) {
      break;
    }
    registered.dispose();
    known.delete(oldest);
  }
  return { title: command.title, command: name };
}
