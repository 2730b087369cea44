// A person at VS Code in a headless Chromium: keys, what is seen, pictures. Everything is done from the keyboard.
//
// Environment: SUTURE_BROWSER_KIT the folder of node_modules with playwright-core, SUTURE_CHROMIUM the browser,
// SUTURE_URL the editor with its folder, SUTURE_PICTURES where the screenshots go.

const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require(path.join(process.env.SUTURE_BROWSER_KIT, "playwright-core"));

/** How long anything is waited for: the machine may be busy. */
const PATIENCE = Number(process.env.SUTURE_PATIENCE ?? 150) * 1000;
const began = Date.now();

function say(step, fields = {}) {
  process.stdout.write(JSON.stringify({ step, at: (Date.now() - began) / 1000, ...fields }) + "\n");
}

class Editor {
  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
    this.recording = false;
  }

  static async open() {
    const browser = await chromium.launch({
      executablePath: process.env.SUTURE_CHROMIUM,
      args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    });
    const context = await browser.newContext({ viewport: { width: 1000, height: 600 }, reducedMotion: "reduce" });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const editor = new Editor(browser, page);
    await editor.visit(process.env.SUTURE_URL);
    return editor;
  }

  /** Opens the editor on a folder, and writes down every message that it shows from then on. */
  async visit(url) {
    await this.page.goto(url, { waitUntil: "domcontentloaded" });
    await this.page.waitForSelector(".monaco-workbench");
    await this.page.evaluate(() => {
      window.sutureSaid = [];
      const look = () => {
        for (const each of document.querySelectorAll(".notification-toast .notification-list-item-message")) {
          if (!window.sutureSaid.includes(each.textContent)) {
            window.sutureSaid.push(each.textContent);
          }
        }
      };
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
    });
  }

  async keys(...names) {
    for (const name of names) {
      await this.page.keyboard.press(name);
    }
  }

  async type(text) {
    await this.page.keyboard.insertText(text);
  }

  seen(selector, options) {
    return this.page.locator(selector, options).first();
  }

  async wait(selector, options, timeout = PATIENCE) {
    const found = this.seen(selector, options);
    await found.waitFor({ timeout });
    return found;
  }

  /** Does something, again if what should be seen then is not seen for a while. */
  async until_seen(selector, act, patience = 20000) {
    for (let tries = 0; tries < 6; tries++) {
      await act();
      if (await this.seen(selector).waitFor({ timeout: patience }).then(() => true, () => false)) {
        return;
      }
    }
    throw new Error(`${selector} was never seen`);
  }

  /** The palette, with what is typed into it; Enter once the wanted row is the first. */
  async pick(typed, row) {
    for (let tries = 0; tries < 5; tries++) {
      await this.keys("F1");
      const input = await this.wait(".quick-input-widget:visible input");
      if (await input.fill(typed, { timeout: 10000 }).then(() => true, () => false)) {
        break; // else something took the focus, and the palette is gone
      }
    }
    await this.wait(".quick-input-list .monaco-list-row.focused", { hasText: row });
    await this.keys("Enter");
    await this.page.locator(".quick-input-widget").first().waitFor({ state: "hidden" });
  }

  command(title) {
    return this.pick(`>Suture: ${title}`, title);
  }

  /** By its path from the workspace's folder. (The palette's own search needs a binary that this kit has not.) */
  async open_file(name) {
    await this.keys("Control+o");
    const row = await this.wait(".quick-input-list .monaco-list-row", { hasText: ".." });
    const wanted = this.seen(".quick-input-list .monaco-list-row", { hasText: path.basename(name) });
    const input = this.page.locator(".quick-input-widget:visible input").first();
    for (let tries = 0; tries < 20; tries++) {
      const typed = input.fill(path.join(process.env.SUTURE_ROOT, name), { timeout: 3000 });
      if (!(await typed.then(() => true, () => false))) {
        break; // the last Enter did it, late
      }
      await wanted.waitFor({ timeout: 1500 }).catch(() => {}); // the list may come after the text, and take its place
      await this.keys("Enter");
      if (await row.waitFor({ state: "hidden", timeout: 3000 }).then(() => true, () => false)) {
        break;
      }
    }
    await this.wait(`.tab.active[data-resource-name="${path.basename(name)}"]`);
    await this.wait(":is(.editor-instance, .notebookOverlay, .notebook-editor) .view-lines .view-line");
  }

  /** The keys go to the text of the active tab. What opened a file may keep them for a moment. */
  async focus_text() {
    await this.until_seen(":is(.editor-instance, .notebook-editor) .monaco-editor.focused", () => this.keys("Control+1"), 3000);
  }

  /** Lines at the end of a file, once they are in it: what was typed may have gone elsewhere. */
  async write_at_end(name, lines) {
    const file = path.join(process.env.SUTURE_ROOT, name);
    const added = lines.map((line) => `\n${line}`).join("");
    for (let tries = 0; tries < 5; tries++) {
      await this.open_file(name);
      await this.focus_text();
      await this.keys("Control+End");
      await this.type(added);
      for (const until = Date.now() + 5000; Date.now() < until; await this.page.waitForTimeout(100)) {
        await this.save();
        if (fs.readFileSync(file, "utf8").includes(lines[lines.length - 1])) {
          return;
        }
      }
      await this.keys("Escape");
    }
    throw new Error(`${name} never took what was typed`);
  }

  /** The cursor to a line (from 1) and column (from 1). */
  async go(line, column = 1) {
    await this.pick(`:${line}:${column}`, "");
  }

  async save() {
    await this.keys("Control+s");
    await this.page.waitForFunction(() => !document.querySelector(".tab.active.dirty"));
  }

  /** The lightbulb's menu on the cursor's line, once a row with this text is in it; asked again while it is not. */
  async lightbulb(text, before_choosing = async () => {}, patience = PATIENCE) {
    let rows = [];
    for (const until = Date.now() + patience; Date.now() < until; ) {
      await this.keys("Control+.");
      const row = this.seen(".action-widget .monaco-list-row.action", { hasText: text });
      if (await row.waitFor({ timeout: 3000 }).then(() => true, () => false)) {
        const title = await this.walk_to(text);
        if (title !== undefined) {
          await before_choosing();
          await this.keys("Enter");
          return title;
        }
      }
      rows = await this.page.locator(".action-widget .monaco-list-row").allInnerTexts();
      await this.keys("Escape");
    }
    throw new Error(`no action ${text}; there are ${JSON.stringify(rows)}`);
  }

  /** Down to the row of the open menu with this text: its title; undefined if the menu is gone, as new diagnostics do. */
  async walk_to(text) {
    const focused = this.seen(".action-widget .monaco-list-row.focused");
    for (let tries = 0; tries < 40; tries++) {
      const title = await focused.innerText({ timeout: 1000 }).catch(() => undefined);
      if (title !== undefined && text_matches(title, text)) {
        return title;
      }
      if ((await this.page.locator(".action-widget").count()) === 0) {
        return undefined;
      }
      await this.keys("ArrowDown");
    }
    return undefined;
  }

  /** A button in a row. */
  async action(row, title) {
    await row.hover();
    await row.locator(`.actions-container a[aria-label^="${title}"]`).first().click();
    await this.page.mouse.move(600, 300); // what is shown under the mouse would take the next Escape
  }

  /** Presses a key until what it ends is gone. */
  async end(key, shown) {
    for (const until = Date.now() + PATIENCE; Date.now() < until; ) {
      await this.keys(key);
      if (await shown.waitFor({ state: "hidden", timeout: 5000 }).then(() => true, () => false)) {
        return;
      }
    }
    throw new Error(`${key} did not end it`);
  }

  /** What a message says, once there was one with this text; also one that is gone again. */
  async toast(text) {
    const found = await this.page.waitForFunction((wanted) => window.sutureSaid.find((each) => each.includes(wanted)), text);
    return found.jsonValue();
  }

  /** What Suture's messages said since the window was opened. */
  async messages() {
    return (await this.page.evaluate(() => window.sutureSaid)).filter((each) => each.includes("Suture"));
  }

  /** The frame of a webview, once this is in it. */
  async frame(selector) {
    for (const until = Date.now() + PATIENCE; Date.now() < until; await this.page.waitForTimeout(50)) {
      for (const frame of this.page.frames()) {
        if (await frame.locator(selector).first().isVisible().catch(() => false)) {
          return frame;
        }
      }
    }
    throw new Error(`no frame with ${selector}`);
  }

  /** What the status item says, once it matches. */
  async status(wanted) {
    const item = this.page.locator('.statusbar-item[id*="suture"] a');
    await this.page.locator('.statusbar-item[id*="suture"]').first().waitFor();
    for (const until = Date.now() + PATIENCE; ; await this.page.waitForTimeout(50)) {
      const label = (await item.first().getAttribute("aria-label")) ?? "";
      if (wanted.test(label) || Date.now() > until) {
        return label;
      }
    }
  }

  /** The first rows of the palette for what is typed. */
  async offered(typed) {
    await this.keys("F1");
    await this.wait(".quick-input-widget:visible input");
    await this.page.locator(".quick-input-widget input").first().fill(typed);
    await this.page.waitForTimeout(300);
    const rows = await this.page.locator(".quick-input-list .monaco-list-row").allInnerTexts();
    await this.keys("Escape");
    return rows;
  }

  /** The text of the rendered document that is open, once it has this in it. */
  async preview_text(wanted) {
    for (const until = Date.now() + PATIENCE; ; await this.page.waitForTimeout(50)) {
      for (const frame of this.page.frames()) {
        const text = await frame.locator("body.vscode-body").first().innerText({ timeout: 200 }).catch(() => "");
        if (wanted.test(text)) {
          return text;
        }
      }
      if (Date.now() > until) {
        throw new Error(`no document with ${wanted}`);
      }
    }
  }

  async problems() {
    return this.page.locator(".markers-panel .monaco-list-row").allInnerTexts();
  }

  /** For a picture only: waits for what makes it a good one, and goes on without it. */
  async settled(selector, text) {
    if (process.env.SUTURE_PICTURES) {
      await this.seen(selector, { hasText: text }).waitFor({ timeout: 5000 }).catch(() => {});
    }
  }

  /** A picture, without what blinks or passes. */
  async picture(name) {
    if (process.env.SUTURE_PICTURES) {
      await this.page.waitForTimeout(this.recording ? 1000 : 150); // who watches a recording wants to read it
      await this.page.screenshot({ path: path.join(process.env.SUTURE_PICTURES, `${name}.png`), caret: "hide" });
    }
  }

  /** Does something, and keeps what was to be seen meanwhile: frames in a folder NAME, with their times in seconds. */
  async recorded(name, act) {
    if (!process.env.SUTURE_PICTURES) {
      return act();
    }
    const folder = path.join(process.env.SUTURE_PICTURES, name);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    const times = [];
    const session = await this.page.context().newCDPSession(this.page);
    session.on("Page.screencastFrame", ({ data, metadata, sessionId }) => {
      fs.writeFileSync(path.join(folder, `${String(times.length).padStart(4, "0")}.png`), Buffer.from(data, "base64"));
      times.push(metadata.timestamp);
      session.send("Page.screencastFrameAck", { sessionId }).catch(() => {}); // the page may be gone by now
    });
    await session.send("Page.startScreencast", { format: "png", everyNthFrame: 2 });
    this.recording = true;
    try {
      return await act();
    } finally {
      this.recording = false;
      await this.page.waitForTimeout(300);
      await session.send("Page.stopScreencast");
      await session.detach();
      fs.writeFileSync(path.join(folder, "times.json"), JSON.stringify(times));
    }
  }

  /** What is on the screen, in words: where the keys go, the tabs, and what stands in front of the text. */
  async words() {
    return this.page.evaluate(() => {
      const shown = (selector) =>
        [...document.querySelectorAll(selector)].filter((each) => each.offsetParent !== null).map((each) => each.textContent);
      const keys = document.activeElement;
      return {
        keys: keys && `${keys.tagName} ${keys.className} in ${keys.closest(".part, .quick-input-widget, .monaco-dialog-box")?.className}`,
        tabs: [...document.querySelectorAll(".tab")].map((each) => `${each.textContent} ${each.className}`),
        asked: shown(".quick-input-widget, .monaco-dialog-box, .notification-toast").map((text) => text.slice(0, 300)),
        last_lines: shown(".monaco-editor .view-line").slice(-4),
      };
    });
  }

  async close() {
    await this.browser.close();
  }
}

function text_matches(text, wanted) {
  return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
}

/** Plays a scenario; what goes wrong is a last step "failed", with a picture. */
async function play(scenario) {
  let editor;
  try {
    editor = await Editor.open();
    await scenario(editor);
  } catch (error) {
    await editor?.picture("failed").catch(() => {});
    const words = await editor?.words().catch((reason) => String(reason));
    say("failed", { error: String(error.stack ?? error).slice(0, 2000), words: JSON.stringify(words, null, 1) });
    process.exitCode = 1;
  } finally {
    await editor?.close();
  }
}

module.exports = { Editor, play, say };
