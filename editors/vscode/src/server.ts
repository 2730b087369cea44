// The server's life: found, started, restarted when the person or the workspace's trust says so, asked by commands.
//
// Invariant: one server at a time, and none that was not found by program.ts. Settings that the person did not set are
// not sent: a default must not outweigh what the project's pyproject.toml says. A key from the editor's secret storage
// is sent to the server only, and is never written to a file or the log.

import * as vscode from "vscode";
import {
  CloseAction,
  DidChangeConfigurationNotification,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  State,
  type LanguageClientOptions,
} from "vscode-languageclient/node";

import { lasting } from "./actions";
import * as explorer from "./explorer";
import { Explained, HEALED, offer, showMade } from "./here";
import { answerForModel, hasModels } from "./model";
import { previewed } from "./preview";
import { findProgram, install, type Program } from "./program";
import { apiKey } from "./secrets";
import * as status from "./status";

let client: LanguageClient | undefined;
let context: vscode.ExtensionContext;
let log: vscode.LogOutputChannel;
let starting: Promise<void> = Promise.resolve();

/** The names of the settings in package.json, without `suture.`. */
let described: string[] = [];

export function prepare(of: vscode.ExtensionContext, channel: vscode.LogOutputChannel): void {
  const manifest = of.extension.packageJSON as {
    contributes: { configuration: { properties: Record<string, unknown> }[] };
  };
  described = manifest.contributes.configuration
    .flatMap((part) => Object.keys(part.properties))
    .map((name) => name.slice("suture.".length));
  context = of;
  log = channel;
}

/** Runs a command of the server. Throws Explained if there is no server, ResponseError if the server refuses. */
export async function run<T>(command: string, argument?: unknown, token?: vscode.CancellationToken): Promise<T> {
  const given = argument === undefined ? [] : [argument];
  const asked = { command, arguments: given };
  const answer = (await (await server()).sendRequest(ExecuteCommandRequest.type, asked, token)) as T;
  await done(command, argument, answer);
  return answer;
}

/** What follows from a command, whether it came from the palette, a lens or the lightbulb. */
async function done(command: string, argument: unknown, answer: unknown): Promise<void> {
  refreshStatus();
  explorer.noted(command, argument, answer);
  await showMade(command, answer);
}

export function running(): boolean {
  return client?.state === State.Running;
}

export async function server(): Promise<LanguageClient> {
  await starting;
  if (client === undefined || !running()) {
    throw new Explained("No Suture server is running here. “Suture: Restart Server” starts it, its log says why.");
  }
  return client;
}

/** Stops the server that runs, if one does, and starts the one that is right now. One at a time; never rejects. */
export function restart(): Promise<void> {
  starting = starting
    .then(stop)
    .catch((error: unknown) => log.warn(`the server did not stop as it should: ${String(error)}`))
    .then(start)
    .catch(failed);
  return starting;
}

export async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  explorer.clear();
  if (running?.state === State.Running) {
    await running.stop();
  }
  await running?.dispose();
}

/** The settings are read again: something that is not a setting of the editor, such as the key, changed. */
export async function settingsChanged(): Promise<void> {
  await client?.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
}

/** The models that the editor offers changed, or the person allowed one. */
export async function modelsChanged(): Promise<void> {
  await client?.sendNotification("suture/modelsChanged");
}

export function refreshStatus(): void {
  if (client !== undefined && running()) {
    void status.refresh(client);
  }
}

async function start(): Promise<void> {
  status.show("starting", "starting");
  const program = await findProgram(context);
  if ("tried" in program) {
    missing(program.tried);
    return;
  }
  log.info(`starting ${program.command} (${program.version}, from ${program.from})`);
  const next = new LanguageClient(
    "suture",
    "Suture",
    { command: program.command, args: ["serve", "--stdio"] },
    options(),
  );
  answerForModel(next, context, log);
  answerForInput(next);
  try {
    await next.start();
    client = next;
    await started(program);
  } catch (error) {
    failed(error);
  }
}

/** The server asks for a line of text: what is to change in the selected code. */
function answerForInput(of: LanguageClient): void {
  of.registerFeature({
    fillClientCapabilities: (capabilities) => {
      capabilities.experimental = { ...(capabilities.experimental as object), suture: { input: true, preview: true } };
    },
    initialize: () => {},
    getState: () => ({ kind: "static" }),
    clear: () => {},
  });
  of.onRequest("suture/input", async (asked: { title?: string; prompt?: string; placeholder?: string }) => ({
    value: await vscode.window.showInputBox({
      title: asked.title ?? "Suture",
      ...(asked.prompt === undefined ? {} : { prompt: asked.prompt }),
      ...(asked.placeholder === undefined ? {} : { placeHolder: asked.placeholder }),
      ignoreFocusOut: true,
    }),
  }));
}

function failed(error: unknown): void {
  log.error(String(error));
  gone("did not start");
  void offer(`The Suture server did not start: ${String(error)}`, { "Show Log": () => log.show() });
}

function gone(text: string): void {
  explorer.clear();
  status.show("failed", text);
  void vscode.commands.executeCommand("setContext", "suture.running", false);
}

async function started(program: Program): Promise<void> {
  await vscode.commands.executeCommand("setContext", "suture.running", true);
  status.started(program.version);
  refreshStatus();
  tick("install");
  if (vscode.workspace.isTrusted) {
    tick("trust");
  }
}

/** Marks a step of the walkthrough as done. VS Code does so when a context becomes true, but not if it is true already
 * when the walkthrough is first looked at. It writes the step down even where it complains that it is not there yet. */
function tick(step: string): void {
  const name = `${context.extension.id}#suture.start#${step}`;
  vscode.commands.executeCommand("welcome.markStepComplete", name).then(undefined, () => {});
}

function options(): LanguageClientOptions {
  return {
    documentSelector: [
      { scheme: "file", language: "python" },
      { scheme: "untitled", language: "python" },
      { notebook: "*", language: "python" }, // the cells; their synchronisation is the server's to ask for
      // Only healing: the failures of runs, and what mends them.
      ...HEALED.map((language) => ({ scheme: "file", language })),
      { scheme: "file", pattern: "**/pyproject.toml" },
    ],
    outputChannel: log,
    traceOutputChannel: log,
    initializationOptions: () => ({
      untrustedWorkspace: !vscode.workspace.isTrusted,
      ...(hasModels() ? { editorModel: true } : {}),
    }),
    middleware: {
      // Evidence is Markdown with tables and plots: shown as such, and read-only.
      window: {
        showDocument: async (params, token, next) => {
          if (!params.uri.startsWith("suture-evidence:")) {
            return next(params, token);
          }
          await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.parse(params.uri));
          return { success: true };
        },
      },
      workspace: {
        configuration: async (params) =>
          Promise.all(params.items.map((item) => (item.section === "suture" ? chosen(item.scopeUri) : null))),
        handleApplyEdit: (params, next) => previewed(params, next),
      },
      provideCodeActions: async (document, range, asked, token, next) => {
        const found = await next(document, range, asked, token);
        return found && lasting(found);
      },
      provideCodeLenses: async (document, token, next) => {
        const found = await next(document, token);
        explorer.see(document, found ?? []);
        return found;
      },
      executeCommand: async (command, args, next) => {
        const answer: unknown = await next(command, args);
        await done(command, args[0], answer);
        return answer;
      },
    },
    markdown: { isTrusted: { enabledCommands: ["suture.showEvidence"] } },
    // Whatever goes wrong is said once: at the start by start(), later here.
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        if (client !== undefined) {
          gone("the server stopped");
          void offer("The Suture server stopped. Its log says why.", {
            Restart: () => restart(),
            "Show Log": () => log.show(),
          });
        }
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
  };
}

/** The settings that the person set. The key comes from the secret storage, unless a setting names one. */
async function chosen(scope: string | undefined): Promise<Record<string, unknown>> {
  const settings = vscode.workspace.getConfiguration("suture", scope === undefined ? null : vscode.Uri.parse(scope));
  const values: Record<string, unknown> = {};
  for (const name of described) {
    const found = settings.inspect(name);
    if ((found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue) !== undefined) {
      values[name] = settings.get(name);
    }
  }
  const key = await apiKey(context);
  if (key !== undefined && !("model.apiKey" in values)) {
    values["model.apiKey"] = key;
  }
  if (!values["model.keyProvider"]) {
    // Whose key it is, the person says: a folder's own settings may choose a provider, but get no key sent there.
    const own = settings.inspect<string>("model.provider")?.globalValue ?? "";
    const named = own.split(",").map((each) => each.trim());
    values["model.keyProvider"] = named.find((each) => !["", "local", "editor"].includes(each)) ?? "openai";
  }
  return values;
}

function missing(tried: string[]): void {
  status.show("missing", "program not found");
  void vscode.commands.executeCommand("setContext", "suture.running", false);
  tried.forEach((each) => log.warn(each));
  const trusted = vscode.workspace.isTrusted;
  const why = trusted ? "" : " This workspace is not trusted, so its own environments were not looked at.";
  void offer(`Suture's server is not installed yet.${why}`, {
    Install: async () => {
      if (await install(context, log)) {
        await restart();
      }
    },
    "Open Settings": () => vscode.commands.executeCommand("workbench.action.openSettings", "suture.path"),
    ...(trusted ? {} : { "Manage Trust": () => vscode.commands.executeCommand("workbench.trust.manage") }),
    "Show Log": () => log.show(),
  });
}
