// Draws the plots of the dashboard in the page's colours, and reads the page again: in a browser, or in an editor.
// Without it the tables remain.
"use strict";

const root = document.documentElement;
const NARROW = "(max-width: 40rem)";
const editor = typeof acquireVsCodeApi === "function" ? acquireVsCodeApi() : null; // of a webview of VS Code
const names = ["security", "performance", "architecture", "good", "bad", "plain"];

function coloured(value, colours) {
  if (Array.isArray(value)) return value.map((each) => coloured(each, colours));
  if (value === null || typeof value !== "object") return value;
  const made = {};
  for (const [key, each] of Object.entries(value)) {
    made[key] = key === "color" && each in colours ? colours[each] : coloured(each, colours);
  }
  return made;
}

// The colours as the browser computes them in the scheme that holds now: plotly knows no CSS variables.
function palette() {
  const probe = document.body.appendChild(document.createElement("span"));
  const found = {};
  for (const name of [...names, "text", "soft", "line"]) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}

function draw() {
  if (typeof Plotly === "undefined") return;
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const colours = palette();
  const narrow = window.matchMedia(NARROW).matches;
  for (const [name, figure] of Object.entries(figures)) {
    const place = document.getElementById(`plot-${name}`);
    if (!place) continue;
    place.classList.add("drawn");
    const { data, layout } = coloured(figure, colours);
    const axis = { gridcolor: colours.line, linecolor: colours.line, zerolinecolor: colours.line, automargin: true };
    const whole = {
      ...layout,
      xaxis: { ...axis, ...layout.xaxis },
      yaxis: { ...axis, ...layout.yaxis },
      paper_bgcolor: "transparent",
      plot_bgcolor: "transparent",
      font: { color: colours.text, family: "system-ui, sans-serif", size: narrow ? 11 : 13 },
      margin: { t: 12, r: 10, b: 40, l: narrow ? 45 : 60 },
      legend: narrow ? { orientation: "h", y: -0.35, yanchor: "top" } : { orientation: "h", y: 1.18 },
      showlegend: data.length > 1,
    };
    Plotly.react(place, data, whole, { displayModeBar: false, responsive: true });
  }
}

function show(page) {
  const opened = [...document.querySelectorAll("details")].map((each) => each.open);
  const fresh = new DOMParser().parseFromString(page, "text/html");
  for (const id of ["main", "figures", "read"]) {
    document.getElementById(id).replaceWith(document.adoptNode(fresh.getElementById(id)));
  }
  const details = document.querySelectorAll("details");
  if (details.length === opened.length) details.forEach((each, number) => { each.open = opened[number]; });
  draw();
  document.getElementById("again").textContent = "Read again";
}

function ended() {
  document.getElementById("again").textContent = "Suture's dashboard has ended; start it again";
}

async function readAgain() {
  if (editor) {
    editor.postMessage("again"); // it answers with a message
    return;
  }
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    show(await answer.text());
  } catch (error) {
    ended();
  }
}

// Inside of an editor the page is dark or light as the editor is, and the editor fetches it.
function inEditor() {
  const follow = () => {
    const classes = document.body.classList;
    const light = classes.contains("vscode-light") || classes.contains("vscode-high-contrast-light");
    root.dataset.scheme = light ? "light" : "dark";
    draw();
  };
  new MutationObserver(follow).observe(document.body, { attributeFilter: ["class"] });
  window.addEventListener("message", ({ data }) => (data.page ? show(data.page) : ended()));
  follow();
}

function setUp() {
  const scheme = document.getElementById("scheme");
  scheme.hidden = false;
  scheme.addEventListener("click", () => {
    const dark = getComputedStyle(root).colorScheme === "dark"
      || (getComputedStyle(root).colorScheme !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
    root.dataset.scheme = dark ? "light" : "dark";
    draw();
  });
  for (const query of ["(prefers-color-scheme: dark)", NARROW]) {
    window.matchMedia(query).addEventListener("change", draw);
  }
  if (editor || location.protocol.startsWith("http")) {
    const again = document.getElementById("again");
    again.hidden = false;
    again.addEventListener("click", readAgain);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) readAgain(); });
  }
  editor ? inEditor() : draw();
}

setUp();
