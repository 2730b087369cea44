// The dashboard inside of the editor: the server's own page, in a frame.
//
// Invariant: the page comes from this machine only, and the panel lets nothing else in.

import * as vscode from "vscode";

import { run } from "./server";

let panel: vscode.WebviewPanel | undefined;

export async function openDashboard(): Promise<void> {
  const { url } = await run<{ url: string }>("suture.dashboard", { quiet: true });
  const outside = await vscode.env.asExternalUri(vscode.Uri.parse(url));
  if (panel === undefined) {
    panel = vscode.window.createWebviewPanel("suture.dashboard", "Suture Dashboard", vscode.ViewColumn.Active, {
      enableScripts: true,
      retainContextWhenHidden: true,
    });
    panel.onDidDispose(() => (panel = undefined));
  }
  const origin = `${outside.scheme}://${outside.authority}`;
  const address = outside.toString(true).replace(/&/g, "&amp;").replace(/"/g, "&quot;");
  panel.webview.html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; frame-src ${origin}; style-src 'unsafe-inline'">
<title>Suture Dashboard</title>
<style>html, body, iframe { margin: 0; padding: 0; border: 0; width: 100%; height: 100vh; overflow: hidden }</style>
</head><body><iframe title="Suture Dashboard" src="${address}"></iframe></body></html>`;
  panel.reveal();
}
