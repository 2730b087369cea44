// Finds the `suture` program to start.
//
// In this order: the setting, the selected interpreter's environment, `.venv` of the workspace, the environment that
// this extension made, `PATH`, and where uv and pipx put programs.
//
// Invariant: in a workspace that is not trusted nothing inside the workspace is looked at or started: neither its
// interpreter, nor its `.venv`, nor a path from its settings (VS Code withholds `suture.path` itself, see
// `restrictedConfigurations` in package.json). Nothing is installed that the person did not ask for.

import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
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
export async function findProgram(
  context: vscode.ExtensionContext,
): Promise<Program | { readonly tried: string[] }> {
  const tried: string[] = [];
  for (const candidate of await candidates(context)) {
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

async function candidates(context: vscode.ExtensionContext): Promise<Candidate[]> {
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
  found.push({ command: path.join(ownEnvironment(context), BIN, NAME), from: "the environment of this extension" });
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    if (path.isAbsolute(folder) && !insideWorkspace(folder)) {
      found.push({ command: path.join(folder, NAME), from: "PATH" });
    }
  }
  for (const folder of toolFolders()) {
    if (!insideWorkspace(folder)) {
      found.push({ command: path.join(folder, NAME), from: "uv or pipx" });
    }
  }
  return found.filter((each) => fs.existsSync(each.command));
}

/** Where `uv tool install` and `pipx install` put programs. */
function toolFolders(): string[] {
  const named = [process.env["UV_TOOL_BIN_DIR"], process.env["PIPX_BIN_DIR"], process.env["XDG_BIN_HOME"]];
  return [...named, path.join(os.homedir(), ".local", "bin")].filter(
    (each): each is string => each !== undefined && path.isAbsolute(each),
  );
}

function ownEnvironment(context: vscode.ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, "server");
}

/** The wheel that this extension carries, if it was packaged with one. */
function carriedWheel(context: vscode.ExtensionContext): string | undefined {
  const folder = path.join(context.extensionPath, "server");
  const wheel = fs.existsSync(folder) ? fs.readdirSync(folder).find((each) => each.endsWith(".whl")) : undefined;
  return wheel === undefined ? undefined : path.join(folder, wheel);
}

/**
 * Installs the server into an environment of this extension's own: the wheel that it carries, never a package that is
 * found by its name alone. Its dependencies come from the person's package index. Returns whether it is there now.
 */
export async function install(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<boolean> {
  const what = carriedWheel(context);
  if (what === undefined) {
    void vscode.window.showErrorMessage(
      "Nothing was installed: this build of the extension carries no server. In a checkout of Suture, run `uv tool install .`",
    );
    return false;
  }
  const folder = ownEnvironment(context);
  const python = path.join(folder, BIN, process.platform === "win32" ? "python.exe" : "python");
  const host = process.platform === "win32" ? "python" : "python3";
  const steps: Record<string, [string, string[]][]> = {
    uv: [
      ["uv", ["venv", "--quiet", "--clear", "--python", ">=3.11", folder]],
      ["uv", ["pip", "install", "--python", python, what]],
    ],
    pip: [
      [host, ["-m", "venv", "--clear", folder]],
      [python, ["-m", "pip", "install", "--disable-pip-version-check", what]],
    ],
  };
  const tool = (await finished("uv", ["--version"], 10_000)).ok ? "uv" : "pip";
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Suture: installing the server with ${tool}` },
    async (progress) => {
      for (const [command, args] of steps[tool] ?? []) {
        progress.report({ message: args.includes("install") ? "packages" : "an environment of its own" });
        log.info([command, ...args].join(" "));
        const answer = await finished(command, args, 600_000);
        if (!answer.ok) {
          log.error(answer.text);
          log.show();
          const last = answer.text.trim().split("\n").at(-1) ?? "";
          void vscode.window.showErrorMessage(`Suture's server could not be installed: ${last}`);
          return false;
        }
      }
      return true;
    },
  );
}

function finished(command: string, args: string[], timeout: number): Promise<{ ok: boolean; text: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout, maxBuffer: 1 << 24, cwd: os.homedir() }, (error, stdout, stderr) => {
      resolve(error === null ? { ok: true, text: stdout } : { ok: false, text: stderr || error.message });
    });
  });
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
