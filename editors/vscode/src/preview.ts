// A look at an edit before it is made: the text as it is beside the text as it would be, and a question.
//
// Invariant: what is shown on the right is what is applied, from the same list of edits. Enter applies, Escape does
// not, and nothing is applied while the question stands. Edits that the person chose by their title (lightbulb) are not
// asked about again, unless `suture.preview` says so.

import * as vscode from "vscode";
import type {
  ApplyWorkspaceEditParams,
  ApplyWorkspaceEditRequest,
  ApplyWorkspaceEditResult,
  TextDocumentEdit,
  TextEdit,
} from "vscode-languageclient/node";

const SCHEME = "suture-preview";

/** What the server says about an edit, beside what the protocol has. */
interface About {
  readonly kind?: string;
  readonly evidence?: string;
}

type Next = ApplyWorkspaceEditRequest.HandlerSignature;

const texts = new Map<string, string>();

export function register(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? "",
  });
}

/** The middleware of `workspace/applyEdit`. */
export async function previewed(params: ApplyWorkspaceEditParams, next: Next): Promise<ApplyWorkspaceEditResult> {
  const about = (params as ApplyWorkspaceEditParams & { suture?: About }).suture ?? {};
  if (wanted(about) && !(await accepted(params, about))) {
    return { applied: false, failureReason: "declined" };
  }
  return (await next(params, new vscode.CancellationTokenSource().token)) as ApplyWorkspaceEditResult;
}

function wanted(about: About): boolean {
  const when = vscode.workspace.getConfiguration("suture").get<string>("preview", "generated");
  return when === "always" || (when === "generated" && about.kind === "generated");
}

async function accepted(params: ApplyWorkspaceEditParams, about: About): Promise<boolean> {
  const changed = await changes(params);
  if (changed.length === 0) {
    return true;
  }
  const title = params.label ?? "Suture";
  const open = async (index: number): Promise<void> => {
    const change = changed[index] as Change;
    const name = vscode.workspace.asRelativePath(change.uri);
    await vscode.commands.executeCommand("vscode.diff", change.before, change.after, `${name}: proposed`, {
      preview: true,
      preserveFocus: true,
      selection: change.most,
    });
  };
  await open(0);
  try {
    return await ask(title, changed, open, about);
  } finally {
    await closePreviews();
    changed.forEach((each) => texts.delete(each.after.toString()));
  }
}

async function ask(
  title: string,
  changed: Change[],
  open: (index: number) => Promise<void>,
  about: About,
): Promise<boolean> {
  const picker = vscode.window.createQuickPick<vscode.QuickPickItem & { act: "apply" | "discard" | "evidence" | number }>();
  picker.title = title;
  picker.placeholder = "Enter applies the proposal, Escape discards it";
  picker.ignoreFocusOut = true;
  picker.items = [
    { label: "$(check) Apply", description: "one undo step", act: "apply" },
    { label: "$(close) Discard", act: "discard" },
    ...(about.evidence === undefined ? [] : [{ label: "$(beaker) Show the evidence", act: "evidence" as const }]),
    ...(changed.length < 2
      ? []
      : changed.map((each, index) => ({
          label: `$(diff) ${vscode.workspace.asRelativePath(each.uri)}`,
          description: each.created ? "new file" : "",
          act: index,
        }))),
  ];
  return new Promise<boolean>((resolve) => {
    picker.onDidAccept(async () => {
      const act = picker.selectedItems[0]?.act;
      if (typeof act === "number") {
        await open(act);
      } else if (act === "evidence") {
        const uri = vscode.Uri.parse(`suture-evidence:/${about.evidence}.md`);
        await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
      } else {
        resolve(act === "apply");
        picker.hide();
      }
    });
    picker.onDidHide(() => {
      resolve(false);
      picker.dispose();
    });
    picker.show();
  });
}

interface Change {
  readonly uri: vscode.Uri;
  readonly before: vscode.Uri;
  readonly after: vscode.Uri;
  readonly created: boolean;
  readonly most: vscode.Range; // where most is new, in the text as it would be
}

/** The files that an edit changes, with virtual documents of what they would be. */
async function changes(params: ApplyWorkspaceEditParams): Promise<Change[]> {
  const edits = new Map<string, TextEdit[]>();
  for (const each of params.edit.documentChanges ?? []) {
    if ("textDocument" in each) {
      const { textDocument, edits: list } = each as TextDocumentEdit;
      edits.set(textDocument.uri, [...(edits.get(textDocument.uri) ?? []), ...(list as TextEdit[])]);
    }
  }
  for (const [uri, list] of Object.entries(params.edit.changes ?? {})) {
    edits.set(uri, [...(edits.get(uri) ?? []), ...list]);
  }
  const found: Change[] = [];
  for (const [name, list] of edits) {
    const uri = vscode.Uri.parse(name);
    const document = await Promise.resolve(vscode.workspace.openTextDocument(uri)).catch(() => undefined);
    const after = vscode.Uri.from({ scheme: SCHEME, path: uri.path, query: String(Date.now()) });
    const before = document === undefined ? after.with({ query: `${after.query}-empty` }) : uri;
    const made = document === undefined ? { text: list.map((each) => each.newText).join(""), line: 0 } : result(document, list);
    texts.set(after.toString(), made.text);
    const most = new vscode.Range(made.line, 0, made.line, 0);
    found.push({ uri, before, after, created: document === undefined, most });
  }
  return found.sort((a, b) => Number(a.created) - Number(b.created));
}

/** The document's text with the edits made (they do not overlap), and the line where the longest new text begins. */
function result(document: vscode.TextDocument, edits: TextEdit[]): { text: string; line: number } {
  const text = document.getText();
  const offset = (at: { line: number; character: number }): number =>
    document.offsetAt(new vscode.Position(at.line, at.character));
  const newline = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
  let done = "";
  let last = 0;
  let longest = { length: -1, line: 0 };
  const ordered = edits
    .map((each, index) => ({ index, from: offset(each.range.start), to: offset(each.range.end), text: each.newText }))
    .sort((a, b) => a.from - b.from || a.index - b.index);
  for (const each of ordered) {
    done += text.slice(last, each.from);
    if (each.text.length > longest.length) {
      longest = { length: each.text.length, line: done.split("\n").length - 1 };
    }
    done += each.text.replace(/\r?\n/g, newline);
    last = each.to;
  }
  return { text: done + text.slice(last), line: longest.line };
}

async function closePreviews(): Promise<void> {
  const open = vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter((tab) => tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.scheme === SCHEME);
  await vscode.window.tabGroups.close(open, true);
}
