// The extension's answer to `suture/model`, with a stand-in for the editor's models and for the person at the question.
// Usage: node model.js FOLDER_OF_THE_EXTENSION   (after npm ci there). Prints one line of JSON a step.

const Module = require("node:module");
const os = require("node:os");
const fs = require("node:fs");
const path = require("node:path");

const folder = path.resolve(process.argv[2]);
const out = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "suture-model-")), "model.cjs");
require(path.join(folder, "node_modules/esbuild")).buildSync({
  entryPoints: [path.join(folder, "src/model.ts")],
  bundle: true,
  platform: "node",
  format: "cjs",
  external: ["vscode"],
  outfile: out,
});

class LanguageModelError extends Error {
  constructor(code, text) {
    super(text);
    this.code = code;
  }
}
class CancellationError extends Error {}

const real = setTimeout;
global.setTimeout = (act, ms, ...rest) => real(act, ms / 100, ...rest); // the extension's clock runs faster here

const seen = { questions: 0, calls: [], told: 0 };
/** What the person does at the question: the labels that they choose, one after the other; none: they close it. */
let person = ["Allow in This Workspace"];
let at_question = () => {};
const answers = [];

function createQuickPick() {
  const heard = {};
  const pick = {
    selectedItems: [],
    onDidAccept: (act) => (heard.accept = act),
    onDidHide: (act) => (heard.hide = act),
    dispose: () => {},
    hide: () => heard.hide(),
    show: () => {
      seen.questions++;
      const wanted = answers.shift();
      if (at_question(pick) === "waits") return;
      pick.selectedItems = pick.items.filter((each) => each.label.includes(wanted));
      pick.selectedItems.length > 0 ? heard.accept() : heard.hide();
    },
  };
  return pick;
}

/** A token as the editor makes them. */
function token_of() {
  const acts = [];
  const token = { isCancellationRequested: false };
  token.onCancellationRequested = (act) => {
    acts.push(act);
    return { dispose: () => {} };
  };
  token.cancel = () => {
    token.isCancellationRequested = true;
    acts.forEach((act) => act());
  };
  return token;
}

let stream = async function* () {
  yield "def ";
  yield "f(): ...";
};

const model = {
  id: "m1", name: "Model One", vendor: "someone", family: "one",
  countTokens: async (part) => (typeof part === "string" ? part.length : part.content.length),
  sendRequest: async (messages, options, token) => {
    seen.calls.push({ messages, token });
    return { text: stream(token) };
  },
};
const vscode = {
  lm: { selectChatModels: async () => [model] },
  window: { createQuickPick, showInformationMessage: async () => void seen.told++ },
  workspace: { asRelativePath: (name) => name },
  LanguageModelChatMessage: {
    User: (content) => ({ role: "user", content }),
    Assistant: (content) => ({ role: "assistant", content }),
  },
  LanguageModelError,
  CancellationError,
};
const anything = () =>
  new Proxy(function () {}, {
    get: (target, name) => {
      if (name === Symbol.toPrimitive) return () => 0;
      if (name === "prototype") return target.prototype;
      if (name === "version") return "1.105.0";
      return name === "then" ? undefined : anything();
    },
    apply: anything,
    construct: anything,
    has: () => true,
  });
const load = Module._load;
Module._load = function (request, ...rest) {
  return request === "vscode"
    ? new Proxy(vscode, { get: (target, name) => target[name] ?? anything() })
    : load.call(this, request, ...rest);
};
const { answerForModel } = require(out);

const kept = new Map();
const context = { workspaceState: { get: (name) => kept.get(name), update: async (name, value) => kept.set(name, value) } };
const parts = [];
let handler;
const client = {
  onRequest: (method, given) => (handler = given),
  sendNotification: async (method, params) => parts.push([method, params.token, params.text]),
};
answerForModel(client, context, { info: () => {} });

const request = (more = {}) => ({
  token: 7,
  messages: [{ role: "system", content: "be brief" }, { role: "user", content: "write f" }],
  purpose: "code", why: "write f", maxTokens: 100, urgent: true, ...more,
});

async function ask(step, given = {}, token = token_of()) {
  answers.splice(0, Infinity, ...person);
  seen.questions = seen.told = 0;
  seen.calls.length = 0;
  parts.length = 0;
  let fields;
  try {
    fields = { answer: await handler(request(given), token) };
  } catch (error) {
    fields = { code: error.code, reason: error.data?.reason };
  }
  console.log(JSON.stringify({ step, ...fields, questions: seen.questions, told: seen.told, calls: seen.calls.length, parts: [...parts] }));
}

(async () => {
  await ask("background", { urgent: false });
  person = [];
  await ask("closed");
  const answered = token_of();
  real(() => answered.cancel(), 1); // before the question is asked
  await ask("found", {}, answered);
  const late = token_of();
  at_question = () => (real(() => late.cancel(), 5), "waits");
  await ask("withdrawn", {}, late);
  let first;
  at_question = (pick) => void (first = pick.items[0].label);
  person = ["What Is Sent?", "Not Now"];
  await ask("hasty");
  console.log(JSON.stringify({ step: "first", label: first }));
  at_question = () => {};
  person = ["Allow in This Workspace"];
  await ask("allowed");
  await ask("again", { urgent: false });
  const token = token_of();
  stream = async function* (given) {
    yield "def ";
    token.isCancellationRequested = given === token;
    throw new CancellationError();
  };
  await ask("cancelled", {}, token);
  stream = async function* () {
    throw new LanguageModelError("Unknown", "quota exceeded");
  };
  await ask("quota");
  kept.clear();
  person = ["Never Here"];
  await ask("never");
  await ask("after");
})();
