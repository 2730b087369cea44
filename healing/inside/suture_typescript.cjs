// Asks the TypeScript language service what it knows of errors: its code fixes, and what may stand at their places.
//
// Input (standard input, JSON): {typescript, project, errors: [{path, line, column, code}], candidates: [{path: text}], seconds}.
// Output: {fixes: [[{name, title, changes: [[path, [line, column], [line, column], text]]}]], facts: [{…}], left: [n]}.
// Lines and columns are 0-based; columns that come in count UTF-16 units, those that go out code points.
// `left` is the number of errors of the program with each candidate's texts laid over it, for as many as `seconds` allow.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const request = JSON.parse(fs.readFileSync(0, "utf8"));
const ts = require(request.typescript);
const root = process.cwd();
const overlay = new Map();
let version = 0;

const project = request.project
  ? path.resolve(root, request.project)
  : ts.findConfigFile(path.dirname(path.resolve(root, request.errors[0]?.path ?? ".")), ts.sys.fileExists);
const config = project && fs.existsSync(project) && fs.statSync(project).isDirectory() ? path.join(project, "tsconfig.json") : project;
const parsed = parse();

function parse() {
  if (config && ts.sys.fileExists(config)) {
    const read = ts.readConfigFile(config, ts.sys.readFile);
    return ts.parseJsonConfigFileContent(read.config ?? {}, ts.sys, path.dirname(config), undefined, config);
  }
  const files = [...new Set(request.errors.map((each) => path.resolve(root, each.path)))];
  const options = { allowJs: true, checkJs: true, noEmit: true, skipLibCheck: true, strict: true, noImplicitAny: false };
  const modern = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.NodeNext };
  return { fileNames: files, options: { ...options, ...modern, types: [] } };
}

const host = {
  getScriptFileNames: () => parsed.fileNames,
  getScriptVersion: (name) => (overlay.has(name) ? `o${version}` : "0"),
  getScriptSnapshot: (name) => {
    const text = overlay.get(name) ?? ts.sys.readFile(name);
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  },
  getCurrentDirectory: () => root,
  getCompilationSettings: () => parsed.options,
  getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
  fileExists: (name) => overlay.has(name) || ts.sys.fileExists(name),
  readFile: (name) => overlay.get(name) ?? ts.sys.readFile(name),
  readDirectory: ts.sys.readDirectory,
  directoryExists: ts.sys.directoryExists,
  getDirectories: ts.sys.getDirectories,
};
const service = ts.createLanguageService(host, ts.createDocumentRegistry());

function lineStarts(text) {
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\n" || (text[i] === "\r" && text[i + 1] !== "\n")) starts.push(i + 1);
  }
  return starts;
}

function position(text, offset) {
  const starts = lineStarts(text);
  let line = starts.length - 1;
  while (starts[line] > offset) line--;
  return [line, [...text.slice(starts[line], offset)].length];
}

const format = ts.getDefaultFormatCodeSettings("\n");

function formatOf(text) {
  const indent = /^( +)\S/m.exec(text)?.[1].length ?? 4;
  const width = /^\t/m.test(text) ? 4 : indent;
  const newLine = text.includes("\r\n") ? "\r\n" : "\n";
  const semicolons = /;\s*$/m.test(text) ? ts.SemicolonPreference.Insert : ts.SemicolonPreference.Remove;
  return { ...format, indentSize: width, convertTabsToSpaces: !/^\t/m.test(text), newLineCharacter: newLine, semicolons };
}

function preferences(text) {
  const single = (text.match(/'/g) ?? []).length > (text.match(/"/g) ?? []).length;
  return {
    quotePreference: single ? "single" : "double",
    includeCompletionsForModuleExports: true,
    importModuleSpecifierPreference: "relative",
    allowTextChangesInNewFiles: true,
  };
}

function fixesOf(error) {
  const file = path.resolve(root, error.path);
  const text = host.readFile(file) ?? "";
  const start = (lineStarts(text)[error.line] ?? 0) + error.column;
  const all = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)];
  const found = all.find((each) => each.code === error.code && each.start === start);
  const end = found ? found.start + found.length : start;
  let fixes = [];
  try {
    fixes = service.getCodeFixesAtPosition(file, start, end, [error.code], formatOf(text), preferences(text));
  } catch {
    fixes = []; // the service itself stumbles over some broken programs: it has no fix then
  }
  return fixes.map((fix) => ({ name: fix.fixName, title: fix.description, changes: changesOf(fix.changes) }));
}

function changesOf(files) {
  return files.flatMap((file) => {
    const text = file.isNewFile ? "" : host.readFile(file.fileName) ?? "";
    return file.textChanges.map((change) => [
      path.relative(root, file.fileName),
      position(text, change.span.start),
      position(text, change.span.start + change.span.length),
      change.newText,
    ]);
  });
}

function nodeAt(source, offset) {
  let found = source;
  const visit = (node) => {
    if (node.getStart(source) <= offset && offset < node.getEnd()) {
      found = node;
      ts.forEachChild(node, visit);
    }
  };
  visit(source);
  return found;
}

// What may stand at a place: the members of the type before the dot, and the types of the names in scope.
function factsOf(error) {
  const program = service.getProgram();
  const source = program?.getSourceFile(path.resolve(root, error.path));
  if (!program || !source) return {};
  const checker = program.getTypeChecker();
  const node = nodeAt(source, (lineStarts(source.text)[error.line] ?? 0) + error.column);
  const owner = node.parent && ts.isPropertyAccessExpression(node.parent) ? node.parent.expression : undefined;
  const type = owner ? checker.getTypeAtLocation(owner) : undefined;
  const members = type ? checker.getPropertiesOfType(checker.getApparentType(type)).map((each) => each.name) : [];
  const names = {};
  for (const symbol of checker.getSymbolsInScope(node, ts.SymbolFlags.Variable | ts.SymbolFlags.Function)) {
    const declaration = symbol.valueDeclaration;
    if (!declaration || declaration.getSourceFile() !== source) continue;
    names[symbol.name] = checker.typeToString(checker.getTypeOfSymbolAtLocation(symbol, node));
  }
  return { owner: type ? checker.typeToString(type) : "", members, names };
}

function errorsLeft(texts) {
  version += 1;
  overlay.clear();
  for (const [name, text] of Object.entries(texts)) overlay.set(path.resolve(root, name), text);
  const program = service.getProgram();
  const syntactic = program.getSyntacticDiagnostics();
  const found = syntactic.length ? syntactic : ts.getPreEmitDiagnostics(program);
  return found.filter((each) => each.category === ts.DiagnosticCategory.Error).length;
}

const answer = { fixes: request.errors.map(fixesOf), facts: request.errors.map(factsOf), left: [] };
const until = Date.now() + 1000 * (request.seconds ?? 3600);
for (const candidate of request.candidates ?? []) {
  if (Date.now() > until) break;
  answer.left.push(errorsLeft(candidate));
}
process.stdout.write(JSON.stringify(answer));
