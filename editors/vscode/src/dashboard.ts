// The dashboard inside of the editor: the server's own page, fetched here and shown without a port.
//
// The page is fetched by this extension, which runs where the server runs, and not by the webview: so it is the same on
// this machine, over SSH, in a container and in a browser, no port is forwarded or passed through a proxy, and the
// server goes on refusing whoever does not name this machine as its host.
//
// Invariant: the page's scripts and styles are the server's own files; the panel lets nothing else in, and nothing out.

import * as http from "node:http";
import * as vscode from "vscode";

import { run } from "./server";

const FILES = ["page.css", "page.js", "plotly.js"];

let panel: vscode.WebviewPanel | undefined;

export async function openDashboard(context: vscode.ExtensionContext): Promise<void> {
  const { url } = await run<{ url: string }>("suture.dashboard", { quiet: true });
  const folder = vscode.Uri.joinPath(context.globalStorageUri, "dashboard");
  const [page] = await Promise.all([fetched(url), ...FILES.map((name) => kept(folder, url, name))]);
  if (panel === undefined) {
    panel = vscode.window.createWebviewPanel("suture.dashboard", "Suture Dashboard", vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [folder],
      retainContextWhenHidden: true,
    });
    panel.iconPath = vscode.Uri.joinPath(context.extensionUri, "icon.png");
    panel.onDidDispose(() => (panel = undefined));
    panel.webview.onDidReceiveMessage(again);
  }
  panel.webview.html = framed(page, folder, panel.webview);
  panel.reveal();
}

/** The page asks for what the stores hold now. The answer is the page anew, or nothing if it cannot be had. */
async function again(): Promise<void> {
  const page = await run<{ url: string }>("suture.dashboard", { quiet: true })
    .then(({ url }) => fetched(url))
    .catch(() => "");
  await panel?.webview.postMessage({ page });
}

function framed(page: string, folder: vscode.Uri, webview: vscode.Webview): string {
  const policy =
    `default-src 'none'; script-src ${webview.cspSource}; style-src ${webview.cspSource} 'unsafe-inline'; ` +
    "img-src data: blob:; base-uri 'none'; form-action 'none'";
  const local = FILES.reduce(
    (text, name) => text.replace(`="${name}"`, () => `="${webview.asWebviewUri(vscode.Uri.joinPath(folder, name))}"`),
    page,
  );
  return local.replace("<head>", () => `<head><meta http-equiv="Content-Security-Policy" content="${policy}">`);
}

async function kept(folder: vscode.Uri, url: string, name: string): Promise<void> {
  const text = await fetched(url + name);
  await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, name), new TextEncoder().encode(text));
}

/** What the server answers. Throws Error for anything but success. */
function fetched(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = http.get(url, { agent: false, timeout: 20_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => (text += part));
      answer.on("error", reject);
      answer.on("end", () => {
        answer.statusCode === 200 ? resolve(text) : reject(new Error(`The dashboard answered: ${text.slice(0, 300).trim()}`));
      });
    });
    asking.on("timeout", () => asking.destroy(new Error("The dashboard did not answer.")));
    asking.on("error", reject);
  });
}
