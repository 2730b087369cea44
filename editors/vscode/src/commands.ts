// The commands of the palette: "here" (the editor and its cursor) made into the arguments of the server's commands.
//
// Invariant: the commands that the server announces (`suture.fuzz`, …) are registered by vscode-languageclient; those of
// the palette have names of their own, so that they exist, and can say what is missing, even when no server runs.

import * as vscode from "vscode";
import { CodeLensRequest } from "vscode-languageclient/node";

import { openDashboard } from "./dashboard";
import * as explorer from "./explorer";
import { editor, Explained, healable, here, offer, pickRoot, problemHere, problemsHere, words } from "./here";
import { chooseModel } from "./model";
import { findProgram, install } from "./program";
import * as proposals from "./proposals";
import { askForKey } from "./secrets";
import { modelsChanged, refreshStatus, restart, run, running, server, settingsChanged } from "./server";

/** What a menu gives is passed on: an entry of the test explorer. */
type Action = (given?: unknown) => Promise<unknown>;

export function register(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): void {
  const commands: Record<string, Action> = {
    "suture.fuzzFunctionHere": () => onFunction("Function to fuzz", "suture.fuzz"),
    "suture.compareFunctionHere": () => onFunction("Function to compare", "suture.fuzz", { base: "HEAD" }),
    "suture.fuzzThisFile": () => run("suture.fuzzFile", { uri: here().uri }),
    "suture.fuzzThisWorkspace": () => run("suture.fuzzWorkspace", {}),
    "suture.writePropertyTestsHere": () => onFunction("Function to test", "suture.writePropertyTests"),
    "suture.addRegressionTestHere": () => onCounterexample("suture.keepRegressionTest"),
    "suture.thisIsExpected": () => onCounterexample("suture.expect"),
    "suture.forgetWhatIsExpected": () => onFunction("Function that is to be reported again", "suture.forgetExpected"),
    "suture.tryCounterexamplesAgain": () => run("suture.recheck", { uri: here().uri }),
    "suture.generateHere": () => run("suture.generate", { uri: here().uri, line: here().line }),
    "suture.healHere": () => run("suture.heal", { uri: healable(), id: problemHere() }),
    "suture.runAndHeal": runAndHeal,
    "suture.healFromExplorer": explorer.heal,
    "suture.addRegressionTestFromExplorer": explorer.keep,
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
    "suture.dismissHere": () => run("suture.dismiss", { uri: here().uri, id: problemHere() }),
    "suture.restoreDismissedHere": () => run("suture.restoreDismissed", { uri: here().uri }),
    "suture.trustThisWorkspace": trust,
    "suture.showEvidenceHere": () => run("suture.showEvidence", { id: problemHere() }),
    "suture.showHealth": () => run("suture.health", {}),
    "suture.showEgress": () => run("suture.egress", {}),
    "suture.showProposals": () => proposals.aboutFolder("suture.proposals"),
    "suture.approveProposal": proposals.approve,
    "suture.rejectProposal": proposals.reject,
    "suture.deployProposal": proposals.deploy,
    "suture.showAudit": () => proposals.aboutFolder("suture.audit"),
    "suture.verifyAudit": () => proposals.aboutFolder("suture.verify"),
    "suture.showInsights": () => proposals.aboutFolder("suture.insights"),
    "suture.openDashboard": () => openDashboard(context),
    "suture.openDoctor": () => doctor(context),
    "suture.chooseModel": async () => {
      await chooseModel(context);
      await modelsChanged();
    },
    "suture.setApiKey": async () => {
      if (await askForKey(context)) {
        await settingsChanged();
        refreshStatus();
      }
    },
    "suture.installServer": async () => {
      if (await install(context, log)) {
        await restart();
      }
    },
    "suture.openWalkthrough": async () =>
      vscode.commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#suture.start`, false),
    "suture.restartServer": restart,
    "suture.showLog": async () => log.show(),
  };
  for (const [name, action] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, (given?: unknown) => reported(() => action(given), log)));
  }
}

async function reported(action: Action, log: vscode.LogOutputChannel): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Explained)) {
      log.error(String(error));
    }
    await offer(error instanceof Error ? error.message : String(error), { "Show Log": () => log.show() });
  }
}

/** Runs a command on the function that the cursor is in; asks when it is in none. The lenses say what can be fuzzed. */
async function onFunction(question: string, command: string, more: Record<string, unknown> = {}): Promise<void> {
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
    await run(command, { uri, name, ...more });
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

async function reviewChange(): Promise<void> {
  const uri = editor().document.uri.toString();
  const revision = await vscode.window.showInputBox({
    title: "Review what changed since a commit, a tag or a branch",
    value: "HEAD",
    prompt: "main... means: since this branch left main. What is not committed or saved yet counts, too.",
  });
  if (revision !== undefined && revision.trim() !== "") {
    await run("suture.reviewChange", { uri, revision: revision.trim() });
  }
}

/** VS Code's own trust is the only one: granting it there restarts the server, which then runs things. */
async function trust(): Promise<void> {
  if (vscode.workspace.isTrusted) {
    await run("suture.trustWorkspace");
  } else {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
}

/** As a document; in a terminal while no server runs, which is when it is needed most. */
async function doctor(context: vscode.ExtensionContext): Promise<void> {
  if (running()) {
    await run("suture.doctor", {});
    return;
  }
  const program = await findProgram(context);
  if ("tried" in program) {
    throw new Explained(`Suture's server was not found: ${program.tried.join("; ") || "nowhere"}.`);
  }
  const terminal = vscode.window.createTerminal({
    name: "Suture Doctor",
    shellPath: program.command,
    shellArgs: ["doctor"],
    iconPath: new vscode.ThemeIcon("pulse"),
  });
  terminal.show();
}
