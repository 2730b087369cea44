// Starts `suture serve --stdio` and puts its commands into the palette.
//
// Invariant: this extension decides nothing about code. It finds the program, passes on whether the workspace is
// trusted, turns "here" into the arguments of the server's commands, and shows what the server answers. It sends nothing
// anywhere: no telemetry, and the editor's own model only with the person's consent (model.ts).

import * as vscode from "vscode";

import * as actions from "./actions";
import * as commands from "./commands";
import * as explorer from "./explorer";
import * as preview from "./preview";
import * as server from "./server";
import * as status from "./status";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("Suture", { log: true });
  server.prepare(context, log);
  context.subscriptions.push(
    log,
    status.create(),
    actions.register(),
    preview.register(),
    explorer.register(),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("suture.path")) {
        void server.restart();
      }
    }),
  );
  if (typeof vscode.lm?.onDidChangeChatModels === "function") {
    context.subscriptions.push(vscode.lm.onDidChangeChatModels(() => void server.modelsChanged()));
  }
  commands.register(context, log);
  await server.restart();
}

export async function deactivate(): Promise<void> {
  await server.stop();
}
