// The editor's own language model, for the server: `suture/model` is answered by `vscode.lm`.
//
// Invariant: nothing is sent to a model before the person allowed it for this workspace; the question says what is sent
// and to which model. A request that nobody is waiting for (`urgent: false`) never asks. A cancelled request stops the
// model. Texts of prompts and answers are not logged.

import * as vscode from "vscode";
import { LSPErrorCodes, ResponseError, type LanguageClient } from "vscode-languageclient/node";

interface ModelRequest {
  readonly token: string | number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly purpose: string;
  readonly why: string;
  readonly files?: readonly string[];
  readonly maxTokens?: number;
  readonly model?: string;
  readonly urgent?: boolean;
}

interface ModelAnswer {
  readonly text: string;
  readonly model: string;
  readonly complete: boolean;
  readonly usage: { readonly input: number | null; readonly output: number | null };
}

type Reason = "none" | "consent" | "blocked" | "quota" | "failed";

const ALLOWED = "suture.model.allowed";

/** The server asks while its local search still goes on: what that finds in this time needs no question. */
const HEAD_START_MS = 2000;

const SENT =
  "What you asked for, with the code around it: signatures, types, short excerpts; for a repair also the code that " +
  "fails and what it printed. Never secrets, ignored files or anything outside of the workspace. “Suture: Show What " +
  "Left This Machine” lists every request. What it costs is part of your subscription. You can change your answer " +
  "with “Suture: Choose the Editor's Model”.";

export function hasModels(): boolean {
  return typeof vscode.lm?.selectChatModels === "function";
}

export function answerForModel(
  client: LanguageClient,
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): void {
  if (hasModels()) {
    client.onRequest("suture/model", (request: ModelRequest, token: vscode.CancellationToken) =>
      answer(client, context, log, request, token),
    );
  }
}

/** The person chooses a model, or none, for this workspace. Returns whether one is allowed now. */
export async function chooseModel(context: vscode.ExtensionContext): Promise<boolean> {
  const models = hasModels() ? await vscode.lm.selectChatModels() : [];
  const none = { label: "$(circle-slash) None", description: "nothing is sent through the editor", id: "" };
  const chosen = await vscode.window.showQuickPick(
    [none, ...models.map((each) => ({ label: each.name, description: each.vendor, detail: each.id, id: each.id }))],
    {
      title: models.length > 0 ? "Which of the editor's models may Suture ask in this workspace?" : "This editor has no models",
      placeHolder: "It is sent what you ask for or what failed, with the code around it; never secrets or ignored files",
    },
  );
  if (chosen !== undefined) {
    await context.workspaceState.update(ALLOWED, chosen.id);
  }
  return (context.workspaceState.get<string>(ALLOWED) ?? "") !== "";
}

async function answer(
  client: LanguageClient,
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  request: ModelRequest,
  token: vscode.CancellationToken,
): Promise<ModelAnswer> {
  try {
    const model = await allowedModel(context, request, token);
    log.info(`asking ${model.vendor}/${model.family} through the editor: ${request.purpose} (${request.why})`);
    const prompt = request.messages.map(message);
    const reply = await model.sendRequest(prompt, { justification: request.why }, token);
    let text = "";
    for await (const part of reply.text) {
      text += part;
      void client.sendNotification("suture/modelPart", { token: request.token, text: part });
    }
    if (token.isCancellationRequested) {
      throw new vscode.CancellationError();
    }
    const [input, output] = await Promise.all([tokens(model, prompt), tokens(model, text)]);
    return { text, model: `${model.vendor}/${model.family}`, complete: true, usage: { input, output } };
  } catch (error) {
    throw refusal(error, token);
  }
}

/** Models have no system role here: instructions are the first words of the person's side. */
function message(each: { role: string; content: string }): vscode.LanguageModelChatMessage {
  return each.role === "assistant"
    ? vscode.LanguageModelChatMessage.Assistant(each.content)
    : vscode.LanguageModelChatMessage.User(each.content);
}

async function tokens(
  model: vscode.LanguageModelChat,
  text: string | vscode.LanguageModelChatMessage[],
): Promise<number | null> {
  try {
    const parts = typeof text === "string" ? [text] : text;
    return (await Promise.all(parts.map((part) => model.countTokens(part)))).reduce((a, b) => a + b, 0);
  } catch {
    return null;
  }
}

async function allowedModel(
  context: vscode.ExtensionContext,
  request: ModelRequest,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelChat> {
  const allowed = context.workspaceState.get<string>(ALLOWED);
  if (allowed === "") {
    throw refused("consent", "You did not allow a model of the editor in this workspace.");
  }
  const models = await vscode.lm.selectChatModels();
  const named = request.model ?? "";
  const model =
    models.find((each) => each.id === allowed) ??
    (allowed === undefined ? (models.find((each) => [each.id, each.family].includes(named)) ?? models[0]) : undefined);
  if (model === undefined) {
    throw refused("none", "This editor has no language model.");
  }
  if (allowed === undefined) {
    if (request.urgent !== true) {
      throw refused("consent", "No model of the editor was allowed in this workspace yet.");
    }
    await consent(context, model, request, token);
  }
  return model;
}

/** The question goes away by itself when nobody waits for the model any more: something local was found, or a cancel. */
async function consent(
  context: vscode.ExtensionContext,
  model: vscode.LanguageModelChat,
  request: ModelRequest,
  token: vscode.CancellationToken,
): Promise<void> {
  await waited(HEAD_START_MS, token);
  let said: Answer | undefined = "about";
  while (said === "about" && !token.isCancellationRequested) {
    said = await asked(model, request, token);
    if (said === "about") {
      await vscode.window.showInformationMessage("What a model of the editor is sent", { modal: true, detail: SENT });
    }
  }
  if (said === "never") {
    await context.workspaceState.update(ALLOWED, "");
  }
  if (token.isCancellationRequested) {
    throw new vscode.CancellationError();
  }
  if (said !== "allow") {
    throw refused("consent", "You did not allow it.");
  }
  await context.workspaceState.update(ALLOWED, model.id);
}

type Answer = "allow" | "never" | "about" | "no";

/** Undefined if the question was closed. The first entry, which a hasty Enter takes, allows nothing. */
async function asked(
  model: vscode.LanguageModelChat,
  request: ModelRequest,
  token: vscode.CancellationToken,
): Promise<Answer | undefined> {
  const from = request.files?.length ? `, from ${request.files.map((each) => vscode.workspace.asRelativePath(each)).join(", ")}` : "";
  const pick = vscode.window.createQuickPick<vscode.QuickPickItem & { answer: Answer }>();
  pick.title = `May Suture ask ${model.name} through your editor?`;
  pick.placeholder = `${request.why}${from}`;
  pick.ignoreFocusOut = true;
  pick.items = [
    { label: "$(circle-slash) Not Now", description: "go on without a model", answer: "no" },
    { label: "$(check) Allow in This Workspace", description: "this and what you ask for later", answer: "allow" },
    { label: "$(stop) Never Here", description: "until you choose a model in the palette", answer: "never" },
    { label: "$(question) What Is Sent?", answer: "about" },
  ];
  const withdrawn = token.onCancellationRequested(() => pick.hide());
  try {
    return await new Promise<Answer | undefined>((resolve) => {
      pick.onDidAccept(() => resolve(pick.selectedItems[0]?.answer));
      pick.onDidHide(() => resolve(undefined));
      pick.show();
    });
  } finally {
    withdrawn.dispose();
    pick.dispose();
  }
}

function waited(ms: number, token: vscode.CancellationToken): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    token.onCancellationRequested(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function refused(reason: Reason, text: string): ResponseError<{ reason: Reason }> {
  return new ResponseError(LSPErrorCodes.RequestFailed, text, { reason });
}

function refusal(error: unknown, token: vscode.CancellationToken): ResponseError<unknown> {
  if (error instanceof ResponseError) {
    return error;
  }
  if (token.isCancellationRequested || error instanceof vscode.CancellationError) {
    return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
  }
  if (error instanceof vscode.LanguageModelError) {
    const reasons: Record<string, Reason> = { NoPermissions: "consent", Blocked: "blocked", NotFound: "none" };
    const quota = /quota|rate limit|exceeded/i.test(error.message);
    return refused(reasons[error.code] ?? (quota ? "quota" : "failed"), error.message);
  }
  return refused("failed", error instanceof Error ? error.message : String(error));
}
