// Prints what vscode-languageclient really sends as `capabilities`, with a stand-in for the editor's own module.
// Usage: node record.js FOLDER_OF_THE_EXTENSION > vscode-languageclient_v11.0.0.json   (after npm ci there)
const Module = require("node:module");
const path = require("node:path");

const anything = () =>
  new Proxy(function () {}, {
    get: (target, name) => {
      if (name === Symbol.toPrimitive) return () => 0;
      if (name === Symbol.iterator) return function* () {};
      if (name === "then") return undefined;
      if (name === "prototype") return target.prototype;
      if (name === "version") return "1.105.0";
      return anything();
    },
    apply: anything,
    construct: anything,
    has: () => true,
  });

const load = Module._load;
Module._load = function (request, ...rest) {
  return request === "vscode" ? anything() : load.call(this, request, ...rest);
};
const library = path.resolve(process.argv[2], "node_modules/vscode-languageclient/lib/node/main.js");
const { LanguageClient } = require(library);
const client = new LanguageClient("suture", "Suture", { command: "suture" }, { documentSelector: [{ language: "python" }] });
console.log(JSON.stringify(client.computeClientCapabilities(), null, 2));
