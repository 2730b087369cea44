// A language model of the editor's that knows one answer, as an extension: what an editor's own model looks like to
// Suture. It is there once the person signed in. What it is asked goes to the file that SUTURE_TEST_ASKED names, as one
// line of JSON a request.

const fs = require("node:fs");
const vscode = require("vscode");

const ANSWER = `\`\`\`python
def seat(number: int) -> str:
    """The seat with this number, counted from 0 in rows of six."""
    row, place = divmod(number, 6)
    return f"{row + 1}{'ABCDEF'[place]}"
\`\`\`
`;

function content(message) {
  const parts = Array.isArray(message.content) ? message.content : [message.content];
  return parts.map((each) => (typeof each === "string" ? each : each.value ?? "")).join("");
}

exports.activate = function activate(context) {
  const provider = {
    async provideLanguageModelResponse(messages, options, from, progress) {
      const asked = { from, text: messages.map(content).join("\n") };
      fs.appendFileSync(process.env.SUTURE_TEST_ASKED, `${JSON.stringify(asked)}\n`);
      for (const part of ANSWER.match(/[^]{1,200}/g)) {
        progress.report({ index: 0, part: new vscode.LanguageModelTextPart(part) });
      }
    },
    provideTokenCount: async (text) => Math.ceil(String(text.content ?? text).length / 4),
  };
  const about = {
    vendor: "suture-test", name: "Writer", family: "writer", version: "1", isUserSelectable: true,
    maxInputTokens: 100000, maxOutputTokens: 10000,
  };
  const sign_in = () => context.subscriptions.push(vscode.lm.registerChatModelProvider("writer", provider, about));
  context.subscriptions.push(vscode.commands.registerCommand("writer.signIn", sign_in));
};
