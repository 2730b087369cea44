// One item in the status bar: state, sandbox, model, what was spent today. A click opens the doctor.
//
// Invariant: it shows what the server answered last, and asks only after something happened (a start, a command); it
// has no timer.

import * as vscode from "vscode";
import { ExecuteCommandRequest, type LanguageClient } from "vscode-languageclient/node";

type State = "starting" | "ready" | "untrusted" | "limited" | "missing" | "failed";

/** What `suture.status` answers. */
interface Status {
  readonly version: string;
  readonly trusted: boolean;
  readonly sandbox: { readonly name: string; readonly reason: string };
  readonly model: { readonly name: string; readonly provider: string };
  readonly spent_today_usd: number;
  readonly day_usd: number;
  readonly sent_today: number;
}

const ICONS: Record<State, string> = {
  starting: "$(sync~spin)",
  ready: "$(verified)",
  untrusted: "$(shield)",
  limited: "$(warning)",
  missing: "$(cloud-download)",
  failed: "$(error)",
};

let item: vscode.StatusBarItem;
/** Who is being asked now, and whether something happened since: what is on its way may be older than that. */
let asked: LanguageClient | undefined;
let again = false;

export function create(): vscode.Disposable {
  item = vscode.window.createStatusBarItem("suture.status", vscode.StatusBarAlignment.Right, 95);
  item.name = "Suture";
  item.command = "suture.openDoctor";
  item.show();
  return item;
}

export function show(state: State, text: string): void {
  item.text = `${ICONS[state]} Suture`;
  item.tooltip = new vscode.MarkdownString(`**Suture**: ${text}`);
  item.accessibilityInformation = { label: `Suture: ${text}`, role: "button" };
  item.backgroundColor =
    state === "failed"
      ? new vscode.ThemeColor("statusBarItem.errorBackground")
      : state === "missing"
        ? new vscode.ThemeColor("statusBarItem.warningBackground")
        : undefined;
  item.command =
    state === "failed" ? "suture.restartServer" : state === "missing" ? "suture.installServer" : "suture.openDoctor";
}

export function started(version: string): void {
  show(vscode.workspace.isTrusted ? "ready" : "untrusted", version);
}

/** Asks the server how things are, and shows it. A server that does not know the command is shown as ready. */
export async function refresh(client: LanguageClient): Promise<void> {
  if (asked === client) {
    again = true;
    return;
  }
  asked = client; // an answer of a server before it, or none, no longer counts
  again = false;
  try {
    const answer = (await client.sendRequest(ExecuteCommandRequest.type, {
      command: "suture.status",
      arguments: [{}],
    })) as Status;
    if (asked === client) {
      showAnswer(answer);
    }
  } catch {
    // The server is going away, or is older: what is shown stays.
  } finally {
    if (asked === client) {
      asked = undefined;
      if (again) {
        void refresh(client);
      }
    }
  }
}

function showAnswer(answer: Status): void {
  const lines = rows(answer);
  show(
    !answer.trusted ? "untrusted" : answer.sandbox.name === "" ? "limited" : "ready",
    lines.map(([name, text]) => `${name} ${text}`).join(", "),
  );
  if (answer.spent_today_usd > 0) {
    item.text += ` ${dollars(answer.spent_today_usd)}`;
  }
  item.tooltip = tooltip(answer.version, lines);
}

function rows(answer: Status): [string, string][] {
  return [
    ["Workspace", answer.trusted ? "trusted" : "not trusted: nothing of it is run"],
    ["Sandbox", answer.sandbox.name || `none: ${answer.sandbox.reason}`],
    ["Model", answer.model.name ? `${answer.model.name} (${answer.model.provider})` : "none: nothing is sent anywhere"],
    ["Today", `${dollars(answer.spent_today_usd)} of ${dollars(answer.day_usd)}, ${answer.sent_today} requests sent`],
  ];
}

function tooltip(version: string, lines: [string, string][]): vscode.MarkdownString {
  const text = new vscode.MarkdownString(undefined, true);
  text.isTrusted = { enabledCommands: ["suture.openDoctor", "suture.showEgress", "suture.showLog"] };
  text.appendMarkdown(`**Suture ${version}**\n\n| | |\n|---|---|\n`);
  for (const [name, value] of lines) {
    text.appendMarkdown(`| ${name} | ${value.replace(/\|/g, "\\|")} |\n`);
  }
  text.appendMarkdown(
    "\n[Doctor](command:suture.openDoctor) · [What left the machine](command:suture.showEgress) · " +
      "[Log](command:suture.showLog)",
  );
  return text;
}

function dollars(amount: number): string {
  return `$${amount.toFixed(amount > 0 && amount < 0.01 ? 4 : 2)}`;
}
