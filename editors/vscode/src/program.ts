// Finds the `suture` program to start.
//
// Invariant: in a workspace that is not trusted nothing inside the workspace is looked at or started: neither its
// interpreter, nor its `.venv`, nor a path from its settings (VS Code withholds `suture.path` itself, see
// `restrictedConfigurations` in package.json).

import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

const NAME = process.platform === "win32" ? "suture.exe" : "suture";
const BIN = process.platform === "win32" ? "Scripts" : "bin";

export interface Program {
  readonly command: string;
  readonly version: string;
  readonly from: string;
}

interface Candidate {
  readonly command: string;
  readonly from: string;
}

/** The first program that answers `--version`, or the reasons why there is none. */
export async function findProgram(): Promise<Program | { readonly tried: string[] }> {
  const tried: string[] = [];
  for (const candidate of await candidates()) {
    const answer = await version(candidate.command);
    if (answer.ok) {
      return { ...candidate, version: answer.text };
    }
    tried.push(`${candidate.from}: ${candidate.command}: ${answer.text}`);
    if (candidate.from === "the setting suture.path") {
      break; // the person named a program: another one in its place would be a surprise
    }
  }
  return { tried };
}

async function candidates(): Promise<Candidate[]> {
  const setting = vscode.workspace.getConfiguration("suture").get<string>("path", "").trim();
  if (setting !== "") {
    return [{ command: expand(setting), from: "the setting suture.path" }];
  }
  const found: Candidate[] = [];
  if (vscode.workspace.isTrusted) {
    const interpreter = await selectedInterpreter();
    if (interpreter !== undefined) {
      found.push({ command: path.join(path.dirname(interpreter), NAME), from: "the selected interpreter" });
    }
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      found.push({ command: path.join(folder.uri.fsPath, ".venv", BIN, NAME), from: `.venv in ${folder.name}` });
    }
  }
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    if (path.isAbsolute(folder) && !insideWorkspace(folder)) {
      found.push({ command: path.join(folder, NAME), from: "PATH" });
    }
  }
  return found.filter((each) => fs.existsSync(each.command));
}

function insideWorkspace(folder: string): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some((root) => {
    const relative = path.relative(root.uri.fsPath, folder);
    return relative === "" || (!relative.startsWith("..") && !path.isAbsolute(relative));
  });
}

function expand(setting: string): string {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const home = process.env["HOME"] ?? process.env["USERPROFILE"] ?? "";
  return setting.replace(/^~(?=$|[\\/])/, home).replace("${workspaceFolder}", root);
}

/** The interpreter chosen in Microsoft's Python extension, where that is installed. */
async function selectedInterpreter(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<{
    environments?: { getActiveEnvironmentPath(resource?: vscode.Uri): { path: string } | undefined };
  }>("ms-python.python");
  if (extension === undefined) {
    return undefined;
  }
  const api = extension.isActive ? extension.exports : await extension.activate();
  const chosen = api.environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri)?.path;
  return chosen !== undefined && path.isAbsolute(chosen) ? chosen : undefined;
}

function version(command: string): Promise<{ ok: boolean; text: string }> {
  return new Promise((resolve) => {
    execFile(command, ["--version"], { timeout: 20_000 }, (error, stdout) => {
      const text = stdout.trim();
      if (error === null && text.startsWith("suture ")) {
        resolve({ ok: true, text });
      } else {
        resolve({ ok: false, text: error === null ? `it answered ${JSON.stringify(text.slice(0, 80))}` : error.message });
      }
    });
  });
}
