// Proposals that are kept: listed, approved, rejected, deployed.
//
// Invariant: nothing is approved without a choice of the person's; applying happens through the server, which records it.

import * as vscode from "vscode";

import { Explained, pickRoot } from "./here";
import { run } from "./server";

interface Proposal {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly at: number; // seconds since the epoch
  readonly path?: string;
}

export async function approve(): Promise<void> {
  const chosen = await choose("Proposal to approve", ["awaiting approval"]);
  if (chosen === undefined) {
    return;
  }
  const apply = "$(check) Approve and apply";
  const how = await vscode.window.showQuickPick([apply, "$(pass) Approve only"], { title: chosen.title });
  if (how !== undefined) {
    await run("suture.approve", { root: chosen.root, id: chosen.id, deploy: how === apply });
  }
}

export async function reject(): Promise<void> {
  const chosen = await choose("Proposal to reject", ["awaiting approval", "approved"]);
  const reason = chosen && (await vscode.window.showInputBox({ title: `Why is “${chosen.title}” rejected?` }));
  if (chosen !== undefined && reason !== undefined) {
    if (reason.trim() === "") {
      throw new Explained("It was not rejected: a rejection needs a reason.");
    }
    await run("suture.reject", { root: chosen.root, id: chosen.id, reason: reason.trim() });
  }
}

export async function deploy(): Promise<void> {
  const chosen = await choose("Approved proposal to apply", ["approved"]);
  if (chosen !== undefined) {
    await run("suture.deploy", { root: chosen.root, id: chosen.id });
  }
}

/** A document of the server's that is about a folder: the proposals, the audit log, what was learned. */
export async function aboutFolder(command: string): Promise<void> {
  const root = await pickRoot();
  if (root !== undefined) {
    await run(command, { root: root.fsPath });
  }
}

async function choose(title: string, states: string[]): Promise<(Proposal & { root: string }) | undefined> {
  const root = await pickRoot();
  if (root === undefined) {
    return undefined;
  }
  const listed = await run<Proposal[]>("suture.proposals", { root: root.fsPath, list: true });
  const fit = listed.filter((each) => states.includes(each.status));
  if (fit.length === 0) {
    throw new Explained("No proposal waits for that.");
  }
  const chosen = await vscode.window.showQuickPick(
    fit.map((each) => ({
      label: each.title,
      description: each.status,
      detail: `${new Date(each.at * 1000).toLocaleString()} ${each.path ?? ""}`.trim(),
      each,
    })),
    { title, matchOnDetail: true },
  );
  return chosen === undefined ? undefined : { ...chosen.each, root: root.fsPath };
}
