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
  const model = await allowedModel(context, request);
  log.info(`asking ${model.vendor}/${model.family} through the editor: ${request.purpose} (${request.why})`);
  try {
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
    await consent(context, model, request);
  }
  return model;
}

async function consent(
  context: vscode.ExtensionContext,
  model: vscode.LanguageModelChat,
  request: ModelRequest,
): Promise<void> {
  const from = request.files?.length ? ` From: ${request.files.map((each) => vscode.workspace.asRelativePath(each)).join(", ")}.` : "";
  const said = await vscode.window.showInformationMessage(
    `May Suture ask ${model.name} through your editor?`,
    {
      modal: true,
      detail:
        `${request.why}.${from} Sent is what you asked for, with the code around it: signatures, types, short excerpts; ` +
        "for a repair also the code that fails and what it printed. Never secrets, ignored files or anything outside of " +
        "the workspace. `suture egress` lists every request. What it costs is " +
        "part of your subscription. You can change this with “Suture: Choose the Editor's Model”.",
    },
    "Allow in This Workspace",
    "Never Here",
  );
  if (said === "Allow in This Workspace") {
    await context.workspaceState.update(ALLOWED, model.id);
    return;
  }
  if (said === "Never Here") {
    await context.workspaceState.update(ALLOWED, "");
  }
  throw refused("consent", "You did not allow it.");
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
