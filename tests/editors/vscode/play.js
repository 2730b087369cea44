// Played in a real VS Code: what a person does in a package that they did not write, and what they see, as one line of
// JSON a step. Environment: as editor.js; SUTURE_ROOT is the folder, with `requests` in it.

const fs = require("node:fs");
const path = require("node:path");
const { play, say } = require("./editor.js");

const disk = (name) => fs.readFileSync(path.join(process.env.SUTURE_ROOT, name), "utf8");

async function restricted(vs) {
  await (await vs.wait(".monaco-dialog-box .monaco-button", { hasText: "No, I don't" })).click();
  await vs.open_file("requests/auth.py");
  await vs.go(148, 20);
  await vs.wait(".squiggly-info, .squiggly-warning");
  const label = await vs.status(/not trusted/);
  say("restricted", { status: label, offered: await vs.offered(">Suture: Fuzz Function") });
  await vs.pick(">Workspaces: Manage Workspace Trust", "Manage Workspace Trust");
  await (await vs.wait(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ })).click();
  await vs.open_file("requests/auth.py");
  say("trusted", { status: await vs.status(/Workspace trusted/) });
}

async function reviewed(vs) {
  await vs.pick(">View: Toggle Primary Side Bar Visibility", "Primary Side Bar");
  await vs.keys("Control+Shift+m");
  await vs.wait(".markers-panel .monaco-list-row", { hasText: "weak-hash" });
  await vs.wait(".markers-panel .monaco-list-row", { hasText: "long-function" });
  const first = await vs.problems();
  await vs.open_file("requests/cookies.py");
  await vs.go(281, 20);
  await vs.wait(".markers-panel .monaco-list-row", { hasText: "membership-in-list" });
  await vs.wait(".squiggly-info, .squiggly-warning");
  await vs.picture("review");
  say("reviewed", { problems: [...first, ...(await vs.problems())] });
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
  await vs.type("\n\ndef load(text):\n    return json.loads(text)\n");
  await vs.save();
  const typed = disk("requests/structures.py");
  await vs.wait(".squiggly-error");
  await vs.keys("ArrowUp", "End", "Control+ArrowLeft");
  const title = await vs.lightbulb("→", () => vs.picture("heal"));
  await vs.page.locator(".squiggly-error").first().waitFor({ state: "detached" });
  await vs.save();
  const after = disk("requests/structures.py");
  await vs.keys("Control+z");
  await vs.wait(".squiggly-error");
  await vs.save();
  say("healed", { title, added: after.replace(typed.slice(typed.indexOf("class ")), ""), undone: disk("requests/structures.py") === typed });
  await vs.keys("Control+Shift+z");
  await vs.save();
}

async function fuzzed(vs) {
  await vs.open_file("requests/utils.py");
  const line = disk("requests/utils.py").split("\n").indexOf("def dotted_netmask(mask):") + 1;
  await vs.go(line, 5);
  // A search that a busy machine cut short is begun again.
  await vs.until_seen(".squiggly-warning, .squiggly-error", async () => {
    await (await vs.wait(".codelens-decoration a", { hasText: "Fuzz dotted_netmask" })).click();
  });
  await vs.wait(".codelens-decoration a", { hasText: "1 counterexample" });
  await vs.keys("Control+Home");
  await vs.go(line + 7, 8);
  await vs.keys("Control+k", "Control+i");
  await vs.wait(".monaco-hover:visible", { hasText: "dotted_netmask" });
  const hover = await vs.seen(".monaco-hover:visible").innerText();
  await vs.keys("Escape");
  const title = await vs.lightbulb("Add regression test", () => vs.picture("fuzz"));
  await vs.wait(".tab.active", { hasText: "test_fuzz_requests_utils_dotted_netmask.py" });
  await vs.wait(".view-line", { hasText: "dotted_netmask(33)" });
  await vs.picture("regression");
  say("fuzzed", { hover, title, test: disk("tests/test_fuzz_requests_utils_dotted_netmask.py") });
}

async function generated(vs) {
  await vs.pick(">View: Close All Editor Groups", "Close All Editor Groups");
  await vs.open_file("requests/hooks.py");
  await vs.keys("Control+End");
  await vs.type('\n\n# slugify("A b!") -> "a-b"\n# slugify("Hello, World") -> "hello-world"');
  await vs.save();
  const before = disk("requests/hooks.py");
  await vs.lightbulb("Generate function");
  const question = await vs.wait(".quick-input-widget:visible", { hasText: "Discard" });
  await vs.wait(".monaco-diff-editor .view-line", { hasText: "def slugify" });
  await vs.picture("generate");
  const title = await vs.seen(".quick-input-title").innerText();
  const unchanged = disk("requests/hooks.py") === before;
  await vs.keys("Enter");
  await question.waitFor({ state: "hidden" });
  await vs.wait(".tab.active", { hasText: "hooks.py" });
  await vs.wait(".tab.active.dirty");
  await vs.save();
  const text = disk("requests/hooks.py");
  await vs.keys("Control+z"); // of two files: it takes VS Code a moment to take the new one away
  for (const until = Date.now() + 30000; disk("requests/hooks.py") !== before && Date.now() < until; ) {
    await vs.page.waitForTimeout(250);
    await vs.save();
  }
  const kept = fs.existsSync(path.join(process.env.SUTURE_ROOT, "tests/test_slugify.py"));
  say("generated", { title, unchanged, text, undone: disk("requests/hooks.py") === before && !kept });
}

async function around(vs) {
  const label = await vs.status(/Sandbox/);
  await vs.command("Doctor: What Works Here");
  const doctor = await vs.preview_text(/sandbox/);
  await vs.keys("Control+F4");
  await vs.command("Get Started");
  await vs.wait(".gettingStartedContainer", { hasText: "Fuzz your first function" });
  await vs.page.waitForTimeout(1500); // its page on the right is rendered by a process of its own
  await vs.picture("walkthrough");
  say("around", { status: label, doctor });
}

play(async (vs) => {
  await restricted(vs);
  await reviewed(vs);
  await evidence(vs);
  await healed(vs);
  await fuzzed(vs);
  await generated(vs);
  await around(vs);
});
