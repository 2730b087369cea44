// The rest of what a person does in the same session: test explorer, notebook, the editor's own model, proposals, the
// dashboard, and a folder without any code. Played by play.js.

const fs = require("node:fs");
const path = require("node:path");
const { say } = require("./editor.js");

const disk = (name) => fs.readFileSync(path.join(process.env.SUTURE_ROOT, name), "utf8");

const side_bar = (vs) => vs.pick(">View: Toggle Primary Side Bar Visibility", "Primary Side Bar");

async function entry(vs, text, state = "") {
  return vs.wait(`.test-explorer .monaco-list-row[aria-label*="${text}"]${state && `[aria-label*="${state}"]`}`);
}

/** A failing test is run in the explorer, shows where it fails, and is healed from there. */
async function explorer(vs) {
  await vs.open_file("tests/test_structures.py");
  await vs.wait(".codelens-decoration a", { hasText: "Run test_load" });
  await vs.pick(">Testing: Focus on Test Explorer View", "Focus on Test Explorer");
  await (await entry(vs, "test_structures.py")).click();
  await vs.action(await entry(vs, "test_load"), "Run Test");
  const failed = await entry(vs, "test_load", "Failed");
  const said = await vs.wait(".test-output-peek-tree .monaco-list-row", { hasText: "NameError" });
  const message = await said.innerText();
  await vs.picture("explorer");
  const label = await failed.getAttribute("aria-label");
  await vs.action(failed, "Heal");
  await vs.wait(".tab.active.dirty", { hasText: "structures.py" });
  await vs.save();
  say("explorer", { failed: label, message, text: disk("requests/structures.py") });
  await vs.keys("Control+j");
  await side_bar(vs);
}

/** What a search found is in the explorer, too, and can be tried again. */
async function counterexample(vs) {
  await vs.pick(">Testing: Focus on Test Explorer View", "Focus on Test Explorer");
  await (await entry(vs, "requests/utils.py")).click();
  const target = await entry(vs, "dotted_netmask", "Failed");
  const label = await target.getAttribute("aria-label");
  await target.click();
  const found = await entry(vs, "dotted_netmask(33) raises");
  await vs.action(found, "Run Test");
  const again = await entry(vs, "dotted_netmask(33) raises", "Failed");
  say("counterexample", { target: label, again: await again.getAttribute("aria-label") });
  await vs.keys("Control+j");
  await side_bar(vs);
}

/** A name that no cell binds: found in its cell, and mended there. */
async function notebook(vs) {
  await vs.open_file("notes.ipynb");
  await vs.wait(":is(.notebookOverlay, .notebook-editor) .squiggly-error");
  await vs.keys("ArrowDown", "Enter", "Control+End", "ArrowUp", "Home", "Control+ArrowRight", "Control+ArrowRight");
  const title = await vs.lightbulb("import json", () => vs.picture("notebook"));
  await vs.page.locator(":is(.notebookOverlay, .notebook-editor) .squiggly-error").first().waitFor({ state: "detached" });
  await vs.save();
  say("notebook", { title, cells: JSON.parse(disk("notes.ipynb")).cells.map((each) => each.source.join("")) });
}

/** A model of the editor's is asked once the person allowed it. The proposal is not taken. */
async function asked(vs) {
  await vs.open_file("requests/hooks.py");
  await vs.keys("Control+End");
  await vs.type('\n\n# seat(0) -> "1A"\n# seat(14) -> "3C"\n# seat(35) -> "6F"');
  await vs.save();
  await vs.lightbulb("Generate function");
  const question = await vs.wait(".monaco-dialog-box", { hasText: "May Suture ask Writer" });
  const text = await question.innerText();
  const before = fs.existsSync(process.env.SUTURE_TEST_ASKED);
  await vs.picture("consent");
  await (await vs.wait(".monaco-dialog-box .monaco-button", { hasText: "Allow in This Workspace" })).click();
  const proposal = await vs.wait(".quick-input-widget:visible", { hasText: "Discard" });
  const title = await vs.seen(".quick-input-title").innerText();
  await vs.end("Escape", proposal);
  const requests = fs.readFileSync(process.env.SUTURE_TEST_ASKED, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  say("asked", { question: text, before, title, requests, unchanged: !disk("requests/hooks.py").includes("def seat") });
}

/** What was not taken is approved and applied later, or rejected with a reason; the log has it, and is whole. */
async function proposals(vs) {
  const choose = async (typed) => {
    await vs.wait(".quick-input-list .monaco-list-row", { hasText: typed });
    await vs.type(typed);
    await vs.wait(".quick-input-list .monaco-list-row.focused", { hasText: typed });
    await vs.keys("Enter");
  };
  await vs.command("Approve a Proposal");
  await choose("seat");
  await choose("Approve only");
  await vs.toast("approved");
  await vs.command("Apply an Approved Proposal");
  await choose("seat");
  await vs.wait(".tab.dirty");
  await vs.pick(">File: Save All Files", "Save All Files");
  await vs.page.waitForFunction(() => !document.querySelector(".tab.dirty"));
  const applied = disk("requests/hooks.py").includes("def seat");
  await vs.command("Reject a Proposal");
  await choose("slugify");
  await vs.wait(".quick-input-widget:visible", { hasText: "is rejected?" });
  await vs.type("the standard library has it");
  await vs.keys("Enter");
  await vs.toast("rejected");
  await vs.command("Show the Audit Log");
  const log = await vs.preview_text(/Audit log/);
  await vs.keys("Control+F4");
  await vs.command("Verify the Audit Log");
  say("proposals", { applied, log, verified: await vs.toast("recorded") });
}

/** The dashboard as a panel: drawn, in the editor's colours, read again. */
async function dashboard(vs) {
  await vs.command("Open Dashboard");
  const tab = await vs.wait(".tab.active", { hasText: "Suture Dashboard" });
  const page = await vs.frame("#plot-sent .main-svg");
  const scheme = await page.locator("html").getAttribute("data-scheme");
  const sent = await page.locator(".tiles").innerText();
  await vs.picture("dashboard");
  const marked = await page.evaluate(() => (document.getElementById("read").textContent = "older"));
  await page.locator("#again").press("Enter");
  await page.waitForFunction((before) => document.getElementById("read").textContent !== before, marked);
  say("dashboard", { scheme, sent, read: await page.locator("#read").innerText() });
  await tab.click();
  await vs.keys("Control+F4");
}

/** A folder in which there is nothing for Suture: nothing of it that could not work, and not a word. */
async function plain(vs) {
  const url = new URL(process.env.SUTURE_URL);
  url.searchParams.set("folder", process.env.SUTURE_PLAIN);
  await vs.visit(url.toString());
  await (await vs.wait(".monaco-dialog-box .monaco-button", { hasText: "Yes, I trust" })).click();
  await vs.wait(".explorer-folders-view .monaco-list-row", { hasText: "README.md" });
  const offered = await vs.offered(">Suture: ");
  await vs.picture("plain");
  say("plain", { offered, messages: await vs.messages() });
}

module.exports = { explorer, counterexample, notebook, asked, proposals, dashboard, plain };
