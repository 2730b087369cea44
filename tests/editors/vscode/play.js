// Played in a real VS Code: what a person does in a package that they did not write, and what they see, as one line of
// JSON a step. Environment: as editor.js; SUTURE_ROOT is the folder, with `requests` in it, SUTURE_PLAIN one without
// code, SUTURE_TEST_ASKED where the editor's model writes what it was asked.
// Usage: node play.js [SCENE…]   (none: all of them; the first one must be `restricted`, which trusts the folder)

const fs = require("node:fs");
const path = require("node:path");
const beside = require("./beside.js");
const later = require("./later.js");
const { play, say } = require("./editor.js");

const SQUIGGLE = ".squiggly-hint, .squiggly-info, .squiggly-warning, .squiggly-error";

const disk = (name) => fs.readFileSync(path.join(process.env.SUTURE_ROOT, name), "utf8");

async function restricted(vs) {
  await (await vs.wait(".monaco-dialog-box .monaco-button", { hasText: "No, I don't" })).click();
  await vs.open_file("requests/auth.py");
  await vs.go(148, 20);
  await vs.wait(SQUIGGLE);
  const label = await vs.status(/not trusted/);
  say("restricted", { status: label, offered: await vs.offered(">Suture: Fuzz Function") });
  await vs.pick(">Workspaces: Manage Workspace Trust", "Manage Workspace Trust");
  await (await vs.wait(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ })).click();
  await vs.open_file("requests/auth.py");
  say("trusted", { status: await vs.status(/Workspace trusted/), messages: await vs.messages() });
}

/** Four lines, the last one with a fault that no package should have; the editor indents as the line above. */
const RISKY = "\n\ndef listing():\n    import subprocess\nimport sys\nsubprocess.run('ls ' + sys.argv[1], shell=True)";

/** Takes back what was typed, of which an undo step may be a part only, until the file is what it was. */
async function taken_back(vs, name, before) {
  for (let steps = 0; steps < 40; steps++) {
    await vs.keys("Control+z");
    await vs.save();
    if (disk(name) === before) {
      return true;
    }
  }
  return false;
}

/** What the editor shows for the squiggle at a place; asked again if new diagnostics close it. */
async function squiggle(vs, line, column) {
  for (let tries = 0; tries < 12; tries++) {
    await vs.go(line, column);
    await vs.wait(SQUIGGLE);
    await vs.keys("Control+k", "Control+i");
    const shown = vs.seen(".monaco-hover:visible", { hasText: "suture" });
    const hover = await shown.innerText({ timeout: 5000 }).catch(() => "");
    await vs.keys("Escape");
    if (hover) {
      return hover;
    }
  }
  throw new Error(`no hover at ${line}:${column}`);
}

async function reviewed(vs) {
  await vs.pick(">View: Toggle Primary Side Bar Visibility", "Primary Side Bar");
  const architecture = await squiggle(vs, 126, 12);
  const hinted = await squiggle(vs, 148, 26); // the protocol asks for it: probably no fault, so a hint
  const before = disk("requests/auth.py");
  await vs.keys("Control+End");
  await vs.type(RISKY);
  await vs.wait(".squiggly-warning, .squiggly-error");
  const security = await squiggle(vs, before.split("\n").length + 5, 20);
  const undone = await taken_back(vs, "requests/auth.py", before);
  await vs.open_file("requests/cookies.py");
  const performance = await squiggle(vs, 281, 20);
  await vs.keys("Control+Shift+m");
  await vs.wait(".markers-panel .monaco-list-row", { hasText: "membership-in-list" });
  await vs.picture("review");
  const problems = await vs.problems();
  say("reviewed", { problems, security, hinted, architecture, performance, undone });
  await vs.keys("Control+j");
}

async function evidence(vs) {
  await vs.command("Show Evidence");
  const tab = await vs.wait(".tab.active", { hasText: /Preview/ });
  const text = await vs.preview_text(/Evidence/);
  await vs.picture("evidence");
  say("evidence", { tab: await tab.innerText(), text });
  await vs.keys("Control+F4");
}

async function healed(vs) {
  await vs.open_file("requests/structures.py");
  await vs.keys("Control+End");
  const { title, typed } = await vs.recorded("heal", async () => {
    await vs.type("\n\ndef load(text):\n    return json.loads(text)\n");
    await vs.save();
    const before = disk("requests/structures.py");
    await vs.wait(".squiggly-error");
    await vs.keys("ArrowUp", "End", "Control+ArrowLeft");
    // A run that a busy machine cut short is begun again by the next keystroke.
    const wait = (patience) => vs.lightbulb("→", () => vs.picture("heal"), patience);
    const chosen = await wait(60000).catch(async () => {
      await vs.keys("Space", "Backspace");
      return wait();
    });
    await vs.page.locator(".squiggly-error").first().waitFor({ state: "detached" });
    await vs.keys("Control+Home");
    return { title: chosen, typed: before };
  });
  await vs.save();
  const after = disk("requests/structures.py");
  await vs.keys("Control+z");
  await vs.wait(".squiggly-error");
  await vs.save();
  say("healed", { title, added: after.replace(typed.slice(typed.indexOf("class ")), ""), undone: disk("requests/structures.py") === typed });
}

async function fuzzed(vs) {
  await vs.open_file("requests/utils.py");
  const line = disk("requests/utils.py").split("\n").indexOf("def dotted_netmask(mask):") + 1;
  await vs.go(line, 5);
  const { hover, title } = await vs.recorded("fuzz", async () => {
    // A search that a busy machine cut short is begun again.
    await vs.until_seen(".squiggly-warning, .squiggly-error", async () => {
      await (await vs.wait(".codelens-decoration a", { hasText: "Fuzz dotted_netmask" })).click();
    });
    await vs.wait(".codelens-decoration a", { hasText: "1 counterexample" });
    await vs.keys("Control+Home");
    await vs.go(line + 7, 8);
    await vs.keys("Control+k", "Control+i");
    await vs.wait(".monaco-hover:visible", { hasText: "dotted_netmask" });
    const shown = await vs.seen(".monaco-hover:visible").innerText();
    await vs.keys("Escape");
    const chosen = await vs.lightbulb("Add regression test", () => vs.picture("fuzz"));
    await vs.wait(".tab.active", { hasText: "test_fuzz_requests_utils_dotted_netmask.py" });
    await vs.wait(".view-line", { hasText: "dotted_netmask(33)" });
    return { hover: shown, title: chosen };
  });
  await vs.picture("regression");
  say("fuzzed", { hover, title, test: disk("tests/test_fuzz_requests_utils_dotted_netmask.py") });
}

/** A look at a proposal; `and_then` while its question stands. */
async function proposed(vs, key, and_then = async () => {}) {
  await vs.lightbulb(/Generate (function|slugify)/); // the second name when it is known already
  const question = await vs.wait(".quick-input-widget:visible", { hasText: "Discard" });
  await vs.wait(".monaco-diff-editor .view-line", { hasText: "def slugify" });
  await and_then();
  await vs.end(key, question);
}

async function generated(vs) {
  await vs.pick(">View: Close All Editor Groups", "Close All Editor Groups");
  await vs.open_file("requests/hooks.py");
  await vs.keys("Control+End");
  const asked_for = '\n\n# slugify("A b!") -> "a-b"\n# slugify("Hello, World") -> "hello-world"';
  await vs.type(asked_for);
  await vs.save();
  const before = disk("requests/hooks.py");
  await proposed(vs, "Escape");
  const discarded = disk("requests/hooks.py") === before;
  await vs.open_file("requests/hooks.py");
  await vs.keys("Control+End");
  const { title, unchanged } = await vs.recorded("generate", async () => {
    const seen = {};
    await proposed(vs, "Enter", async () => {
      await vs.settled(".monaco-diff-editor .editor.original .view-line", "# slugify");
      await vs.picture("generate");
      seen.title = await vs.seen(".quick-input-title").innerText();
      seen.unchanged = disk("requests/hooks.py") === before;
    });
    await vs.wait(".tab.active", { hasText: "hooks.py" });
    await vs.wait(".tab.active.dirty");
    await vs.keys("Control+End");
    await vs.wait(".view-line", { hasText: "def slugify" });
    return seen;
  });
  await vs.save();
  const text = disk("requests/hooks.py");
  await vs.keys("Control+z"); // of two files: it takes VS Code a moment to take the new one away
  for (const until = Date.now() + 30000; disk("requests/hooks.py") !== before && Date.now() < until; ) {
    await vs.page.waitForTimeout(250);
    await vs.save();
  }
  const kept = fs.existsSync(path.join(process.env.SUTURE_ROOT, "tests/test_slugify.py"));
  say("generated", { title, discarded, unchanged, text, undone: disk("requests/hooks.py") === before && !kept });
}

async function around(vs) {
  const label = await vs.status(/Sandbox/);
  await vs.command("Doctor: What Works Here");
  const doctor = await vs.preview_text(/sandbox/);
  await vs.keys("Control+F4");
  await vs.command("Get Started");
  await vs.wait(".gettingStartedContainer", { hasText: "Fuzz your first function" });
  await vs.frame("h1, h2, p, li"); // its page on the right, rendered by a process of its own
  await vs.picture("walkthrough");
  const installed = await vs.seen('[data-done-step-id$="#install"]').getAttribute("aria-checked");
  say("around", { status: label, doctor, installed });
}

const SCENES = {
  restricted,
  reviewed,
  evidence,
  healed,
  explorer: beside.explorer,
  fuzzed,
  counterexample: later.counterexample,
  generated,
  asked: later.asked,
  proposals: later.proposals,
  around,
  notebook: beside.notebook,
  dashboard: beside.dashboard,
  plain: later.plain,
};

if (require.main === module) {
  play(async (vs) => {
    for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SCENES)) {
      await SCENES[name](vs);
    }
  });
}

module.exports = SCENES;
