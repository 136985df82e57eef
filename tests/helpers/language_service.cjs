// Prints what TypeScript's language service tells an editor at each mark of a file, such
// as /*@name*/: names that complete, and the signatures of the call around it. Arguments:
// the folder of the package typescript, the file.
const [folder, file] = process.argv.slice(2)
const ts = require(folder)
const parts = ts.sys.readFile(file).split(/\/\*@(\w+)\*\//)
const text = parts.filter((_, place) => place % 2 === 0).join("")
const options = {
  strict: true,
  allowJs: true,
  checkJs: true,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
}
const service = ts.createLanguageService({
  getCompilationSettings: () => options,
  getCurrentDirectory: () => ts.sys.getCurrentDirectory(),
  getDefaultLibFileName: () => ts.getDefaultLibFilePath(options),
  getScriptFileNames: () => [file],
  getScriptSnapshot: name => {
    const content = name === file ? text : ts.sys.readFile(name)
    return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content)
  },
  getScriptVersion: () => "1",
  fileExists: ts.sys.fileExists,
  readFile: ts.sys.readFile,
})
const join = found => (found ?? []).map(part => part.text).join("")
const told = {}
let position = 0

for (let place = 1; place < parts.length; place += 2) {
  position += parts[place - 1].length
  const completions = service.getCompletionsAtPosition(file, position, {})
  const help = service.getSignatureHelpItems(file, position, {})
  told[parts[place]] = {
    completions: (completions?.entries ?? []).map(entry => entry.name),
    signatures: (help?.items ?? []).map(item => ({
      text: join(item.prefixDisplayParts) + item.parameters.map(p => join(p.displayParts)).join(", "),
      documentation: join(item.documentation),
      parameters: Object.fromEntries(item.parameters.map(p => [p.name, join(p.documentation)])),
    })),
  }
}

console.log(JSON.stringify(told))
