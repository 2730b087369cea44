// The rows of the lightbulb's menu, with a stand-in for the editor's commands.
// Usage: node rows.js FOLDER_OF_THE_EXTENSION   (after npm ci there). Prints one line of JSON.

const Module = require("node:module");
const os = require("node:os");
const fs = require("node:fs");
const path = require("node:path");

const folder = path.resolve(process.argv[2]);
const out = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "suture-rows-")), "actions.cjs");
require(path.join(folder, "node_modules/esbuild")).buildSync({
  entryPoints: [path.join(folder, "src/actions.ts")],
  bundle: true,
  platform: "node",
  format: "cjs",
  external: ["vscode"],
  outfile: out,
});

class CodeAction {
  constructor(title, command) {
    Object.assign(this, { title, command });
  }
}
const registered = new Map();
const vscode = {
  CodeAction,
  Disposable: class {
    constructor(act) {
      this.dispose = act;
    }
  },
  commands: {
    registerCommand: (name, act) => {
      if (registered.has(name)) throw new Error(`${name} is registered already`);
      registered.set(name, act);
      return { dispose: () => registered.delete(name) };
    },
    executeCommand: (...given) => given,
  },
};
const load = Module._load;
Module._load = function (request, ...rest) {
  return request === "vscode" ? vscode : load.call(this, request, ...rest);
};
const { lasting, register } = require(out);

const row = (number) => new CodeAction(`row ${number}`, { title: "t", command: "suture.heal", arguments: [{ number }] });
const plain = { title: "plain", command: "suture.doctor" };
const edit = new CodeAction("edit");
const [first, same, bare] = lasting([row(1), plain, edit]);
const [again] = lasting([row(1)]);
const runs = registered.get(first.command.command)();
const others = Array.from({ length: 400 }, (_, number) => row(number + 2));
others.forEach((each) => lasting([each]));
const [returned] = lasting([row(1)]);
const most = registered.size;
const works = registered.get(returned.command.command)();
register().dispose();
console.log(JSON.stringify({
  arguments: first.command.arguments ?? null,
  stable: again.command.command === first.command.command,
  untouched: same === plain && bare.command === undefined,
  runs, works, most, left: registered.size,
}));
