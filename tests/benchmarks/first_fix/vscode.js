// A person's first minutes in VS Code: what they see, with the time since the page opened, until the first fix is applied.
// Environment: as tests/editors/vscode/editor.js, whose path is SUTURE_EDITOR; SUTURE_ROOT is the folder with shop.py.

const fs = require("node:fs");
const path = require("node:path");
const { play, say } = require(process.env.SUTURE_EDITOR);

const shop = path.join(process.env.SUTURE_ROOT, "shop.py");

/** Says every notification, dialog and state of the status item once, as it appears. */
async function watch(page) {
  await page.exposeFunction("suture_saw", (kind, text) => say(kind, { text }));
  await page.evaluate(() => {
    const seen = new Set();
    const places = {
      message: ".notifications-toasts .notification-list-item-message, .notification-list-item-details-row",
      buttons: ".notifications-toasts .notification-list-item-buttons-container",
      dialog: ".monaco-dialog-box .dialog-message-row, .monaco-dialog-box .dialog-buttons-row",
      status: '.statusbar-item[id*="suture"]',
      tab: ".tab.active",
    };
    setInterval(() => {
      for (const [kind, selector] of Object.entries(places)) {
        for (const each of document.querySelectorAll(selector)) {
          const label = each.querySelector("a")?.getAttribute("aria-label");
          const text = ((kind === "status" && label) || each.innerText || "").trim();
          if (text !== "" && !seen.has(kind + text)) {
            seen.add(kind + text);
            window.suture_saw(kind, text);
          }
        }
      }
    }, 100);
  });
}

play(async (vs) => {
  await watch(vs.page);
  await (await vs.wait(".monaco-dialog-box .monaco-button", { hasText: "Yes, I trust" })).click();
  await vs.open_file("shop.py");
  await (await vs.wait(".notifications-toasts .monaco-button", { hasText: "Install" })).click();
  await vs.status(/Workspace trusted/);
  say("running");
  await vs.picture("installed");
  await vs.go(5, 13);
  await vs.wait(".squiggly-error");
  say("problem");
  const title = await vs.lightbulb("→", () => vs.picture("lightbulb"));
  await vs.page.locator(".squiggly-error").first().waitFor({ state: "detached" });
  await vs.save();
  say("fixed", { text: `${title}\n${fs.readFileSync(shop, "utf8").slice(0, 60)}` });
  await vs.picture("fixed");
});
