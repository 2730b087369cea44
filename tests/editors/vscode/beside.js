// The rest of what a person does in the same session: test explorer, notebook and dashboard. Played by play.js.

const fs = require("node:fs");
const path = require("node:path");
const { say } = require("./editor.js");

const disk = (name) => fs.readFileSync(path.join(process.env.SUTURE_ROOT, name), "utf8");

const side_bar = (vs) => vs.pick(">View: Toggle Primary Side Bar Visibility", "Primary Side Bar");

async function entry(vs, text, state = "") {
  return vs.wait(`.test-explorer .monaco-list-row[aria-label*="${text}"]${state && `[aria-label*="${state}"]`}`);
}

/** A row of the explorer that is open. It may open by itself while a test runs, and a click would close it then. */
async function opened(vs, text) {
  const row = await entry(vs, text);
  const is_open = async () => (await row.getAttribute("aria-expanded")) === "true";
  for (let tries = 0; tries < 5 && !(await is_open()); tries++) {
    await row.click();
    await vs.page.waitForTimeout(500);
  }
}

/** A failing test is run in the explorer, shows where it fails, and is healed from there. */
async function explorer(vs) {
  await vs.open_file("tests/test_structures.py");
  await vs.wait(".codelens-decoration a", { hasText: "Run test_load" });
  await vs.pick(">Testing: Focus on Test Explorer View", "Focus on Test Explorer");
  await opened(vs, "test_structures.py");
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

module.exports = { opened, explorer, notebook, dashboard, entry, side_bar };
