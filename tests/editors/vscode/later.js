// What comes after the first hour, in the same session: what was found is tried again, the editor's own model, what was
// proposed is decided later, and a folder in which there is nothing to do. Played by play.js.

const fs = require("node:fs");
const path = require("node:path");
const { entry, opened, side_bar } = require("./beside.js");
const { say } = require("./editor.js");

const disk = (name) => fs.readFileSync(path.join(process.env.SUTURE_ROOT, name), "utf8");

/** What a search found is in the explorer, too, and can be tried again. */
async function counterexample(vs) {
  await vs.pick(">Testing: Focus on Test Explorer View", "Focus on Test Explorer");
  await opened(vs, "requests/utils.py");
  const target = await entry(vs, "Fuzz dotted_netmask", "Failed");
  const label = await target.getAttribute("aria-label");
  await target.click();
  const found = await entry(vs, "dotted_netmask(33) raises");
  await vs.action(found, "Run Test");
  const again = await entry(vs, "dotted_netmask(33) raises", "Failed");
  say("counterexample", { target: label, again: await again.getAttribute("aria-label") });
  await vs.keys("Control+j");
  await side_bar(vs);
}

/** A row of the open list: found by what is typed, then chosen. */
async function choose(vs, text) {
  await vs.wait(".quick-input-list .monaco-list-row", { hasText: text });
  await vs.type(text);
  await vs.wait(".quick-input-list .monaco-list-row.focused", { hasText: text });
  await vs.keys("Enter");
}

/** A model of the editor's is asked once the person allowed it. The proposal is not taken. */
async function asked(vs) {
  await vs.pick(">Writer: Sign In", "Sign In");
  await vs.write_at_end("requests/hooks.py", ["", '# seat(0) -> "1A"', '# seat(14) -> "3C"', '# seat(35) -> "6F"']);
  await vs.lightbulb(/Generate (function|seat)/);
  const question = await vs.wait(".quick-input-widget:visible", { hasText: "May Suture ask Writer" });
  await vs.picture("consent");
  const about = await question.locator("input").first().getAttribute("placeholder");
  const before = fs.existsSync(process.env.SUTURE_TEST_ASKED);
  await choose(vs, "Allow in This Workspace");
  const proposal = await vs.wait(".quick-input-widget:visible", { hasText: "Discard" });
  const title = await vs.seen(".quick-input-title").innerText();
  await vs.end("Escape", proposal);
  const requests = fs.readFileSync(process.env.SUTURE_TEST_ASKED, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  say("asked", { about, before, title, requests, unchanged: !disk("requests/hooks.py").includes("def seat") });
}

/** What was not taken is approved and applied later, or rejected with a reason; the log has it, and is whole. */
async function proposals(vs) {
  await vs.command("Approve a Proposal");
  await choose(vs, "seat");
  await choose(vs, "Approve only");
  await vs.toast("approved");
  await vs.command("Apply an Approved Proposal");
  await choose(vs, "seat");
  await vs.wait(".tab.dirty");
  await vs.pick(">File: Save All Files", "Save All Files");
  await vs.page.waitForFunction(() => !document.querySelector(".tab.dirty"));
  const applied = disk("requests/hooks.py").includes("def seat");
  await vs.command("Reject a Proposal");
  await choose(vs, "slugify");
  await vs.wait(".quick-input-widget:visible", { hasText: "rejected?" });
  await vs.type("the standard library has it");
  await vs.keys("Enter");
  await vs.toast("rejected");
  await vs.command("Show the Audit Log");
  const log = await vs.preview_text(/Audit log/);
  await vs.keys("Control+F4");
  await vs.command("Verify the Audit Log");
  say("proposals", { applied, log, verified: await vs.toast("recorded") });
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
  const items = await vs.page.locator('.statusbar-item[id*="suture"]').count();
  say("plain", { offered, items, messages: await vs.messages() });
}

module.exports = { counterexample, asked, proposals, plain };
