// What can be fuzzed, its counterexamples, and tests, in the editor's test explorer: those of the Python files that are
// open.
//
// Invariant: nothing here looks for functions or tests. What there is, is what the server's lenses and diagnostics say,
// so that the explorer and the lenses above the code never disagree.
// Invariant: a test that the Python extension lists is not listed twice: of those only what failed last in Suture's
// sandbox is here. A function that was never fuzzed has no sign in the editor's margin: its lens is there already.

import * as vscode from "vscode";

import { Explained } from "./here";
import { run } from "./server";

type Kind = "fuzz" | "counterexample" | "test";

/** What an entry stands for: `name` is the server's name of it, for a counterexample its id. */
interface Entry {
  readonly kind: Kind;
  readonly uri: vscode.Uri;
  readonly name: string;
  readonly line: number;
  readonly heal?: string; // the id by which a failed test is healed
}

interface Failure {
  readonly path: string;
  readonly line: number; // from 1
  readonly message: string;
  readonly tests?: readonly string[];
}

interface RunAnswer {
  readonly ok: boolean;
  readonly message: string;
  readonly tests: Record<string, string>;
  readonly failures: readonly Failure[];
}

interface HealAnswer {
  readonly applied: boolean;
  readonly left: readonly unknown[];
}

interface FuzzAnswer {
  readonly status: string;
  readonly reason?: string;
  readonly executions?: number;
  readonly branches?: number;
  readonly findings: readonly Record<string, string | number>[];
}

/** What became of an entry, until it is shown. */
type Outcome =
  | { readonly state: "passed" | "skipped" }
  | { readonly state: "failed" | "errored"; readonly messages: vscode.TestMessage[] };

let controller: vscode.TestController;
const entries = new WeakMap<vscode.TestItem, Entry>();
const lenses = new Map<string, readonly vscode.CodeLens[]>(); // by the document's URI
let lastRun: RunAnswer | undefined;
const told = new Map<string, RunAnswer>(); // by an entry's id: the run whose outcome it shows
const fuzzed = new Set<string>(); // entries by their ids
let busy = 0; // runs that were begun here: what they come to is shown by them

export function register(): vscode.Disposable {
  controller = vscode.tests.createTestController("suture", "Suture");
  // "Run all tests" runs tests; what takes seconds for each function is run where it is asked for.
  const profile = (label: string, kind: Kind, byDefault: boolean): vscode.TestRunProfile =>
    controller.createRunProfile(label, vscode.TestRunProfileKind.Run, runHere, byDefault, tag(kind));
  return vscode.Disposable.from(
    controller,
    profile("Run in Suture's Sandbox", "test", !doubled()),
    profile("Fuzz", "fuzz", false),
    profile("Try Again", "counterexample", false),
    vscode.workspace.onDidCloseTextDocument((document) => forget(document.uri)),
    vscode.languages.onDidChangeDiagnostics((event) => event.uris.forEach((uri) => list(uri))),
  );
}

const tag = (kind: Kind): vscode.TestTag => new vscode.TestTag(kind);

/** Whether the Python extension lists the tests already. */
function doubled(): boolean {
  return vscode.extensions.getExtension("ms-python.python") !== undefined;
}

/** The lenses of a document, as the editor just got them. */
export function see(document: vscode.TextDocument, found: readonly vscode.CodeLens[]): void {
  if (document.uri.scheme === "file" && document.languageId === "python" && !document.isClosed) {
    lenses.set(document.uri.toString(), found);
    list(document.uri);
  }
}

/** A command of the server's ended that somebody gave elsewhere: in a lens, the palette, the lightbulb. */
export function noted(command: string, argument: unknown, answer: unknown): void {
  if (busy > 0 || answer === null || typeof answer !== "object") {
    return;
  }
  const given = (argument ?? {}) as { uri?: string; name?: string };
  if (command === "suture.fuzz" && given.uri !== undefined && given.name !== undefined) {
    const item = find(vscode.Uri.parse(given.uri), "fuzz", given.name);
    if (item !== undefined) {
      record([[item, ofFuzzing(item, answer as FuzzAnswer)]]);
    }
  } else if (command === "suture.healAll" && (answer as HealAnswer).applied && (answer as HealAnswer).left.length === 0) {
    const healed = all().filter((item) => entries.get(item)?.heal !== undefined && isHealed(item, argument));
    record(healed.map((item) => [item, { state: "passed" }]));
  } else if (command.startsWith("suture.run.") && "tests" in answer) {
    lastRun = answer as RunAnswer;
    vscode.workspace.textDocuments.forEach((document) => list(document.uri));
  }
}

/** Everything that failed was healed, or the one test that was asked for. */
function isHealed(item: vscode.TestItem, argument: unknown): boolean {
  const test = (argument as { test?: string } | undefined)?.test;
  return test === undefined || test === entries.get(item)?.heal;
}

/** Everything is gone: another server starts. */
export function clear(): void {
  controller.items.replace([]);
  lenses.clear();
  told.clear();
  lastRun = undefined;
}

function forget(uri: vscode.Uri): void {
  lenses.delete(uri.toString());
  controller.items.delete(uri.toString());
}

// -- what there is ---------------------------------------------------------------------------------------------------

function list(uri: vscode.Uri): void {
  const known = lenses.get(uri.toString());
  if (known === undefined) {
    return;
  }
  const targets = known.filter((each) => each.command?.command === "suture.fuzz").map((each) => entry("fuzz", uri, each));
  const failed = known.filter((each) => each.command?.command === "suture.healAll");
  const tests = known
    .filter((each) => each.command?.command === "suture.run.tests")
    .map((each) => {
      const heal = failed.find((one) => one.range.start.line === each.range.start.line)?.command?.arguments?.[0] as { test: string } | undefined;
      return { ...entry("test", uri, each), ...(heal === undefined ? {} : { heal: heal.test }) };
    })
    .filter((each) => each.heal !== undefined || !doubled());
  const items = [...tests, ...targets].map(made);
  for (const each of counterexamples(uri)) {
    const over = targets.filter((target) => target.line <= each.line).sort((a, b) => a.line - b.line).at(-1);
    const owner = over && items.find((item) => item.id === ident("fuzz", uri, over.name));
    (owner?.children ?? { add: (item: vscode.TestItem) => items.push(item) }).add(made(each));
    if (owner !== undefined) {
      owner.sortText = place("counterexample", owner);
    }
  }
  if (items.length === 0) {
    controller.items.delete(uri.toString());
    return;
  }
  const file = controller.items.get(uri.toString()) ?? controller.createTestItem(uri.toString(), vscode.workspace.asRelativePath(uri), uri);
  file.children.replace(items);
  controller.items.add(file);
  tellMenus();
  showLastRun(file);
}

function entry(kind: Kind, uri: vscode.Uri, lens: vscode.CodeLens): Entry {
  return { kind, uri, name: (lens.command?.arguments?.[0] as { name: string }).name, line: lens.range.start.line };
}

function counterexamples(uri: vscode.Uri): (Entry & { label: string })[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter((each) => each.source === "suture" && code(each) === "fuzz-counterexample")
    .map((each) => ({
      kind: "counterexample" as const,
      uri,
      name: (each as vscode.Diagnostic & { data?: { id?: string } }).data?.id ?? "",
      line: each.range.start.line,
      label: each.message.split("\n")[0] ?? "",
    }))
    .filter((each) => each.name !== "");
}

function code(of: vscode.Diagnostic): unknown {
  return typeof of.code === "object" ? of.code.value : of.code;
}

const ident = (kind: Kind, uri: vscode.Uri, name: string): string => `${uri.toString()} ${kind} ${name}`;

function made(each: Entry & { label?: string }): vscode.TestItem {
  const id = ident(each.kind, each.uri, each.name);
  // In the label and not as a description: VS Code reads an entry's description aloud instead of its label.
  const label = each.label ?? (each.kind === "fuzz" ? `Fuzz ${each.name}` : each.name);
  const item = controller.createTestItem(id, label, each.uri);
  entries.set(item, each);
  item.tags = [tag(each.kind)];
  item.sortText = place(fuzzed.has(id) ? "counterexample" : each.kind, item);
  const range = new vscode.Range(each.line, 0, each.line, 0);
  if (each.kind !== "fuzz" || fuzzed.has(id)) {
    item.range = range;
  }
  return item;
}

/** Tests first, then what was fuzzed, then what could be; each in the order of the text. */
function place(as: Kind, item: vscode.TestItem): string {
  const line = entries.get(item)?.line ?? 0;
  return `${["test", "counterexample", "fuzz"].indexOf(as)} ${String(line).padStart(6, "0")}`;
}

function all(under: vscode.TestItemCollection = controller.items): vscode.TestItem[] {
  return [...under].flatMap(([, item]) => [item, ...all(item.children)]);
}

function find(uri: vscode.Uri, kind: Kind, name: string): vscode.TestItem | undefined {
  return controller.items.get(uri.toString())?.children.get(ident(kind, uri, name));
}

/** Tells the menus which entries they can heal, and which are counterexamples. */
function tellMenus(): void {
  const listed = all().map((item) => ({ id: item.id, of: entries.get(item) }));
  const counterexamples = listed.filter(({ of }) => of?.kind === "counterexample");
  const healable = [...counterexamples, ...listed.filter(({ of }) => of?.heal !== undefined)];
  const ids = (of: typeof listed): string[] => of.map(({ id }) => id);
  void vscode.commands.executeCommand("setContext", "suture.healableTests", ids(healable));
  void vscode.commands.executeCommand("setContext", "suture.counterexamples", ids(counterexamples));
}

// -- running ---------------------------------------------------------------------------------------------------------

async function runHere(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
  const wanted = request.profile?.tag?.id;
  const excluded = new Set((request.exclude ?? []).map((each) => each.id));
  const under = request.include?.flatMap((each) => [each, ...all(each.children)]) ?? all();
  const chosen = under.filter((item) => entries.get(item)?.kind === wanted && !excluded.has(item.id));
  const shown = controller.createTestRun(request);
  chosen.forEach((item) => shown.enqueued(item));
  busy += 1;
  try {
    for (const item of chosen) {
      if (token.isCancellationRequested) {
        shown.skipped(item);
        continue;
      }
      shown.started(item);
      const began = Date.now();
      const tell = (text: string): void => shown.appendOutput(text.replace(/\r?\n/g, "\r\n") + "\r\n", undefined, item);
      end(shown, item, await outcome(item, token, tell), Date.now() - began);
    }
  } finally {
    busy -= 1;
    shown.end();
  }
}

async function outcome(
  item: vscode.TestItem,
  token: vscode.CancellationToken,
  tell: (text: string) => void,
): Promise<Outcome> {
  const { kind, uri, name } = entries.get(item) as Entry;
  const argument = { uri: uri.toString() };
  try {
    if (kind === "fuzz") {
      const answer = await run<FuzzAnswer>("suture.fuzz", { ...argument, name }, token);
      tell(`${name}: ${answer.executions ?? 0} executions, ${answer.branches ?? 0} branches`);
      return ofFuzzing(item, answer);
    }
    if (kind === "counterexample") {
      const { failing } = await run<{ failing: number }>("suture.recheck", { ...argument, id: name }, token);
      tell(`${item.label}: ${failing === 0 ? "this no longer happens" : "this still happens"}`);
      return failing === 0 ? { state: "passed" } : { state: "failed", messages: [said(item.label, item)] };
    }
    const answer = await run<RunAnswer>("suture.run.tests", { ...argument, name }, token);
    tell(answer.message);
    told.set(item.id, answer);
    return ofRun(item, answer) ?? { state: "errored", messages: [said(answer.message, item)] };
  } catch (error) {
    if (token.isCancellationRequested) {
      return { state: "skipped" };
    }
    return { state: "errored", messages: [said(error instanceof Error ? error.message : String(error), item)] };
  }
}

function ofFuzzing(item: vscode.TestItem, answer: FuzzAnswer): Outcome {
  const { uri, line } = entries.get(item) as Entry;
  fuzzed.add(item.id);
  item.range = new vscode.Range(line, 0, line, 0);
  item.sortText = place("counterexample", item);
  if (answer.status !== "ok") {
    return { state: "errored", messages: [said(answer.reason || "It could not be fuzzed.", item)] };
  }
  const messages = answer.findings.map((each) => {
    const raised = each["exception"] ? ` raises ${each["exception"]}${each["message"] ? `: ${each["message"]}` : ""}` : "";
    const text = raised ? `${each["call"]}${raised}` : each["kind"] === "hang" ? `${each["call"]} does not end` : `${each["call"]}: ${each["message"]}`;
    return failure(text, uri, Number(each["line"]) - 1);
  });
  return messages.length > 0 ? { state: "failed", messages } : { state: "passed" };
}

/** What a run says of a test, or of a class of tests; undefined if nothing. */
function ofRun(item: vscode.TestItem, answer: RunAnswer): Outcome | undefined {
  const { uri, name } = entries.get(item) as Entry;
  const mine = (id: string): boolean => {
    const [file = "", ...names] = id.replace(/\[.*$/, "").split("::");
    return uri.path.endsWith(`/${file}`) && `${names.join("::")}::`.startsWith(`${name}::`);
  };
  const outcomes = Object.entries(answer.tests).filter(([id]) => mine(id));
  if (outcomes.length === 0) {
    return undefined;
  }
  if (outcomes.every(([, each]) => each !== "failed" && each !== "error")) {
    return { state: outcomes.some(([, each]) => each === "passed") ? "passed" : "skipped" };
  }
  const failures = answer.failures.filter((each) => each.tests?.some(mine));
  const messages = failures.map((each) => failure(each.message, vscode.Uri.file(each.path), each.line - 1));
  return { state: "failed", messages: messages.length > 0 ? messages : [said(answer.message, item)] };
}

/** The outcomes of the last run that was begun elsewhere, at the entries that do not show them yet. */
function showLastRun(file: vscode.TestItem): void {
  const last = lastRun;
  if (last === undefined) {
    return;
  }
  const news: [vscode.TestItem, Outcome][] = [];
  for (const item of all(file.children)) {
    const came = entries.get(item)?.kind === "test" && told.get(item.id) !== last ? ofRun(item, last) : undefined;
    if (came !== undefined) {
      told.set(item.id, last);
      news.push([item, came]);
    }
  }
  record(news);
}

function record(outcomes: [vscode.TestItem, Outcome][]): void {
  if (outcomes.length === 0) {
    return;
  }
  const shown = controller.createTestRun(new vscode.TestRunRequest(outcomes.map(([item]) => item)), undefined, false);
  outcomes.forEach(([item, came]) => end(shown, item, came));
  shown.end();
}

function end(shown: vscode.TestRun, item: vscode.TestItem, came: Outcome, ms?: number): void {
  if (came.state === "failed" || came.state === "errored") {
    shown[came.state](item, came.messages, ms);
  } else if (came.state === "passed") {
    shown.passed(item, ms);
  } else {
    shown.skipped(item);
  }
}

function said(text: string, item: vscode.TestItem): vscode.TestMessage {
  const { uri, line } = entries.get(item) as Entry;
  return message(text, uri, line);
}

function message(text: string, uri: vscode.Uri, line: number): vscode.TestMessage {
  const made = new vscode.TestMessage(text);
  made.location = new vscode.Location(uri, new vscode.Position(Math.max(line, 0), 0));
  return made;
}

/** A message that can be healed from. */
function failure(text: string, uri: vscode.Uri, line: number): vscode.TestMessage {
  const made = message(text, uri, line);
  made.contextValue = "heal";
  return made;
}

// -- healing ---------------------------------------------------------------------------------------------------------

/** From the menu of an entry, or of its message: a failed test, or a counterexample, is healed. */
export async function heal(given: unknown): Promise<void> {
  const item = asked(given);
  const of = item && entries.get(item);
  if (item === undefined || of === undefined) {
    throw new Explained("Choose a failed test of Suture's in the test explorer.");
  }
  if (of.kind === "counterexample" || of.kind === "fuzz") {
    const [first] = [item, ...all(item.children)].filter((each) => entries.get(each)?.kind === "counterexample");
    if (first === undefined) {
      throw new Explained("There is no counterexample of this function.");
    }
    await run("suture.heal", { uri: of.uri.toString(), id: (entries.get(first) as Entry).name });
  } else if (of.heal !== undefined) {
    await run("suture.healAll", { uri: of.uri.toString(), test: of.heal });
  } else {
    throw new Explained("This test did not fail when it was last run.");
  }
}

/** A counterexample becomes a test. */
export async function keep(given: unknown): Promise<void> {
  const item = asked(given);
  const of = item && entries.get(item);
  if (of?.kind !== "counterexample") {
    throw new Explained("Choose a counterexample in the test explorer.");
  }
  await run("suture.keepRegressionTest", { uri: of.uri.toString(), id: of.name });
}

function asked(given: unknown): vscode.TestItem | undefined {
  const one = given as (vscode.TestItem & { test?: vscode.TestItem }) | undefined;
  return one?.test ?? one;
}
