// Starts `suture serve --stdio` and puts its commands into the palette.
//
// Invariant: this extension decides nothing about code. It finds the program, passes on whether the workspace is
// trusted, and turns "here" (the editor and its cursor) into the arguments of the server's commands. The commands that
// the server announces (`suture.fuzz`, …) are registered by vscode-languageclient; those of the palette have names of
// their own, so that they exist, and can say what is missing, even when no server runs.

import * as vscode from "vscode";
import {
  CodeLensRequest,
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  State,
  type LanguageClientOptions,
} from "vscode-languageclient/node";

import { findProgram } from "./program";

let client: LanguageClient | undefined;
let log: vscode.LogOutputChannel;
let status: vscode.LanguageStatusItem;
let starting: Promise<void> = Promise.resolve();

/** Languages beside Python whose failures are shown and healed. */
const HEALED = ["rust", "go", "typescript", "typescriptreact", "javascript", "javascriptreact"];

/** The names of the settings in package.json, without `suture.`. */
let described: string[] = [];

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const manifest = context.extension.packageJSON as {
    contributes: { configuration: { properties: Record<string, unknown> } };
  };
  described = Object.keys(manifest.contributes.configuration.properties).map((name) => name.slice("suture.".length));
  log = vscode.window.createOutputChannel("Suture", { log: true });
  status = vscode.languages.createLanguageStatusItem("suture", { language: "python" });
  status.name = "Suture";
  const commands: Record<string, () => Promise<unknown>> = {
    "suture.fuzzFunctionHere": () => onFunction("Function to fuzz", "suture.fuzz"),
    "suture.fuzzThisFile": () => run("suture.fuzzFile", { uri: here().uri }),
    "suture.fuzzThisWorkspace": () => run("suture.fuzzWorkspace", {}),
    "suture.writePropertyTestsHere": () => onFunction("Function to test", "suture.writePropertyTests"),
    "suture.addRegressionTestHere": () => onCounterexample("suture.keepRegressionTest"),
    "suture.thisIsExpected": () => onCounterexample("suture.expect"),
    "suture.forgetWhatIsExpected": () => onFunction("Function that is to be reported again", "suture.forgetExpected"),
    "suture.tryCounterexamplesAgain": () => run("suture.recheck", { uri: here().uri }),
    "suture.generateHere": () => run("suture.generate", { uri: here().uri, line: here().line }),
    "suture.healHere": heal,
    "suture.runAndHeal": runAndHeal,
    "suture.runThisFile": async () => ran(await run("suture.run.file", { uri: healable() })),
    "suture.runTestsOfThisFile": async () => ran(await run("suture.run.tests", { uri: healable() })),
    "suture.runAllTests": async () => ran(await run("suture.run.tests", {})),
    "suture.runTaskOrCommand": runTask,
    "suture.showRunOutput": () => run("suture.run.output", {}),
    "suture.healAllFailures": () => run("suture.healAll", {}),
    "suture.healPastedTraceback": healTraceback,
    "suture.showHealHistory": () => run("suture.heal.history", {}),
    "suture.startWatching": () => run("suture.watch.start", {}),
    "suture.stopWatching": () => run("suture.watch.stop", {}),
    "suture.reviewThisFile": () => run("suture.review", { uri: here().uri }),
    "suture.reviewThisChange": reviewChange,
    "suture.measureGrowthHere": () => onFunction("Function to measure", "suture.measure.growth"),
    "suture.dismissHere": dismiss,
    "suture.restoreDismissedHere": () => run("suture.restoreDismissed", { uri: here().uri }),
    "suture.trustThisWorkspace": trust,
    "suture.showEvidenceHere": showEvidence,
    "suture.openDoctor": doctor,
    "suture.restartServer": restart,
    "suture.showLog": async () => log.show(),
  };
  for (const [name, action] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, () => reported(action)));
  }
  context.subscriptions.push(
    log,
    status,
    vscode.workspace.onDidGrantWorkspaceTrust(() => restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("suture.path")) {
        void restart();
      }
    }),
  );
  await restart();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

// -- the server

/** Stops the server that runs, if one does, and starts the one that is right now. One at a time. */
function restart(): Promise<void> {
  starting = starting.then(stop).then(start);
  return starting;
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  if (running?.state === State.Running) {
    await running.stop();
  }
  await running?.dispose();
}

async function start(): Promise<void> {
  const program = await findProgram();
  if ("tried" in program) {
    missing(program.tried);
    return;
  }
  log.info(`starting ${program.command} (${program.version}, from ${program.from})`);
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: "file", language: "python" },
      // Only healing: the failures of runs, and what mends them.
      ...HEALED.map((language) => ({ scheme: "file", language })),
      { scheme: "file", pattern: "**/pyproject.toml" },
    ],
    outputChannel: log,
    traceOutputChannel: log,
    initializationOptions: () => ({ untrustedWorkspace: !vscode.workspace.isTrusted }),
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
        configuration: (params) => params.items.map((item) => (item.section === "suture" ? chosen(item.scopeUri) : null)),
      },
    },
    markdown: { isTrusted: { enabledCommands: ["suture.showEvidence"] } },
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => {
        show("stopped", vscode.LanguageStatusSeverity.Error);
        return { action: CloseAction.DoNotRestart, message: "The Suture server stopped. Its log says why." };
      },
    },
  };
  const next = new LanguageClient("suture", "Suture", { command: program.command, args: ["serve", "--stdio"] }, options);
  try {
    await next.start();
    client = next;
    show(vscode.workspace.isTrusted ? program.version : `${program.version}, workspace not trusted: runs nothing`);
  } catch (error) {
    log.error(String(error));
    show("did not start", vscode.LanguageStatusSeverity.Error);
    await offer(`The Suture server did not start: ${String(error)}`, { "Show Log": () => log.show() });
  }
}

/** The settings that the person set. A default must not outweigh what the project's pyproject.toml says. */
function chosen(scope: string | undefined): Record<string, unknown> {
  const settings = vscode.workspace.getConfiguration("suture", scope === undefined ? null : vscode.Uri.parse(scope));
  const values: Record<string, unknown> = {};
  for (const name of described) {
    const found = settings.inspect(name);
    if ((found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue) !== undefined) {
      values[name] = settings.get(name);
    }
  }
  return values;
}

function show(text: string, severity = vscode.LanguageStatusSeverity.Information): void {
  status.text = `Suture: ${text}`;
  status.severity = severity;
  status.command =
    severity === vscode.LanguageStatusSeverity.Information
      ? { title: "Show log", command: "suture.showLog" }
      : { title: "Restart", command: "suture.restartServer" };
}

function missing(tried: string[]): void {
  show("program not found", vscode.LanguageStatusSeverity.Warning);
  tried.forEach((each) => log.warn(each));
  const why = vscode.workspace.isTrusted
    ? "Install it with `pip install suture` into the selected interpreter, or name the program in the settings."
    : "This workspace is not trusted, so its own environments were not looked at.";
  void offer(`The program suture was not found. ${why}`, {
    "Open Settings": () => vscode.commands.executeCommand("workbench.action.openSettings", "suture.path"),
    ...(vscode.workspace.isTrusted
      ? {}
      : { "Manage Trust": () => vscode.commands.executeCommand("workbench.trust.manage") }),
    "Show Log": () => log.show(),
  });
}

async function offer(message: string, buttons: Record<string, () => unknown>): Promise<void> {
  const chosen = await vscode.window.showWarningMessage(message, ...Object.keys(buttons));
  if (chosen !== undefined) {
    await buttons[chosen]?.();
  }
}

// -- commands

/** What stands in the way of a command; shown to the person as it is. */
class Explained extends Error {}

async function reported(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Explained)) {
      log.error(String(error));
    }
    await offer(error instanceof Error ? error.message : String(error), { "Show Log": () => log.show() });
  }
}

async function run<T>(command: string, ...args: unknown[]): Promise<T> {
  return (await server()).sendRequest(ExecuteCommandRequest.type, { command, arguments: args }) as Promise<T>;
}

async function server(): Promise<LanguageClient> {
  await starting;
  if (client === undefined) {
    throw new Explained("No Suture server is running here.");
  }
  return client;
}

function editor(): vscode.TextEditor {
  const active = vscode.window.activeTextEditor;
  if (active === undefined || active.document.languageId !== "python") {
    throw new Explained("Open a Python file first.");
  }
  return active;
}

/** The file that is open, of any language that can be run. */
function healable(): string {
  const active = vscode.window.activeTextEditor;
  if (active === undefined || !["python", ...HEALED].includes(active.document.languageId)) {
    throw new Explained("Open a Python, Rust, Go, TypeScript or JavaScript file first.");
  }
  return active.document.uri.toString();
}

function here(): { uri: string; line: number } {
  const { document, selection } = editor();
  return { uri: document.uri.toString(), line: selection.active.line };
}

/** Runs a command on the function that the cursor is in; asks when it is in none. The lenses say what can be fuzzed. */
async function onFunction(question: string, command: string): Promise<void> {
  const { uri, line } = here();
  const lenses = (await (await server()).sendRequest(CodeLensRequest.type, { textDocument: { uri } })) ?? [];
  const targets = lenses
    .filter((lens) => lens.command?.command === "suture.fuzz")
    .map((lens) => ({ line: lens.range.start.line, argument: lens.command?.arguments?.[0] as { name: string } }))
    .sort((a, b) => a.line - b.line);
  if (targets.length === 0) {
    throw new Explained("There is no function in this file that Suture can fuzz.");
  }
  const above = targets.filter((each) => each.line <= line).at(-1);
  const name =
    above?.argument.name ??
    (await vscode.window.showQuickPick(
      targets.map((each) => each.argument.name),
      { placeHolder: question },
    ));
  if (name !== undefined) {
    await run(command, { uri, name });
  }
}

/** Suture's diagnostics that touch the cursor's line. `data` is what the server attached to them. */
function problemsHere(): string[] {
  healable();
  const { document, selection } = vscode.window.activeTextEditor as vscode.TextEditor;
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter((each) => each.source === "suture" && each.range.intersection(document.lineAt(selection.active).range))
    .map((each) => (each as vscode.Diagnostic & { data?: { id?: string } }).data?.id)
    .filter((id) => id !== undefined);
}

async function heal(): Promise<void> {
  const [id] = problemsHere();
  if (id === undefined) {
    throw new Explained("Suture reports no problem on this line.");
  }
  await run("suture.heal", { uri: healable(), id });
}

/** After a red run the list of problems is what one wants to see. */
async function ran(result: { ok: boolean; failures: unknown[] }): Promise<void> {
  if (!result.ok && result.failures.length > 0) {
    await vscode.commands.executeCommand("workbench.actions.view.problems");
  }
}

async function runTask(): Promise<void> {
  const root = await pickRoot();
  const line = await vscode.window.showInputBox({
    title: "Run a task of [tool.suture.tasks] by its name, or a command",
    value: "python -m pytest -q",
    prompt: "It runs in the sandbox on a copy of the workspace; no shell is involved.",
  });
  const given = line?.trim() ?? "";
  if (root === undefined || given === "") {
    return;
  }
  await ran(await run("suture.run.task", { root: root.fsPath, command: words(given) }));
}

/** What was pasted last, from the clipboard: a traceback has many lines, an input box has one. */
async function healTraceback(): Promise<void> {
  const root = await pickRoot();
  const clipboard = await vscode.env.clipboard.readText();
  const selected = vscode.window.activeTextEditor?.document.getText(vscode.window.activeTextEditor.selection) ?? "";
  const text = selected.includes("\n") ? selected : clipboard;
  if (text.trim() === "") {
    throw new Explained("Copy the traceback first, or select it.");
  }
  if (root !== undefined) {
    await run("suture.healTraceback", { text, uri: vscode.Uri.joinPath(root, "traceback").toString() });
  }
}

/** Runs a command on the counterexample of the cursor's line. */
async function onCounterexample(command: string): Promise<void> {
  const id = problemsHere().find((each) => each.startsWith("fuzz-"));
  if (id === undefined) {
    throw new Explained("There is no counterexample on this line.");
  }
  await run(command, { uri: here().uri, id });
}

async function showEvidence(): Promise<void> {
  const [id] = problemsHere();
  if (id === undefined) {
    throw new Explained("Suture reports nothing on this line, so there is no evidence to show.");
  }
  await run("suture.showEvidence", { id });
}

async function dismiss(): Promise<void> {
  const [id] = problemsHere();
  if (id === undefined) {
    throw new Explained("Suture reports no problem on this line.");
  }
  await run("suture.dismiss", { uri: here().uri, id });
}

async function reviewChange(): Promise<void> {
  const uri = here().uri;
  const revision = await vscode.window.showInputBox({
    title: "Review what changed since a commit, a tag or a branch",
    value: "HEAD",
    prompt: "main... means: since this branch left main. What is not committed or saved yet counts, too.",
  });
  if (revision !== undefined && revision.trim() !== "") {
    await run("suture.reviewChange", { uri, revision: revision.trim() });
  }
}

async function runAndHeal(): Promise<void> {
  const root = await pickRoot();
  const line = await vscode.window.showInputBox({
    title: "Run a command in the sandbox and heal what fails",
    value: "python -m pytest -q",
    prompt: "It runs on a copy of the workspace; no shell is involved.",
  });
  if (root !== undefined && line !== undefined && line.trim() !== "") {
    await run("suture.healCommand", { root: root.fsPath, command: words(line) });
  }
}

async function pickRoot(): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    throw new Explained("Open a folder first.");
  }
  return folders.length === 1 ? folders[0]?.uri : (await vscode.window.showWorkspaceFolderPick())?.uri;
}

/** Splits a command line at blanks; quotes keep a word together. */
function words(line: string): string[] {
  const parts = line.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return parts.map((part) => part.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

/** VS Code's own trust is the only one: granting it there restarts the server, which then runs things. */
async function trust(): Promise<void> {
  if (vscode.workspace.isTrusted) {
    await run("suture.trustWorkspace");
  } else {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
}

async function doctor(): Promise<void> {
  const program = await findProgram();
  if ("tried" in program) {
    missing(program.tried);
    return;
  }
  const terminal = vscode.window.createTerminal({
    name: "Suture Doctor",
    shellPath: program.command,
    shellArgs: ["doctor"],
    iconPath: new vscode.ThemeIcon("pulse"),
  });
  terminal.show();
}
