// Keeps what a page tells its console, and its uncaught exceptions, until the test asks
// for it. Runs before all scripts of a page.
(() => {
  const name = Symbol.for("tests.engine")
  if (window[name]) return
  const state = { events: [], scripts: [] }
  Object.defineProperty(window, name, { value: state })
  const key = "tests.engine"
  const keep = event => {
    let target = state
    // What is in a frame is told by the page.
    try { target = top[name] ?? state } catch {}
    target.events.push(event)
  }
  const describe = value => {
    if (typeof value === "string") return value
    if (value instanceof Error) return `${value}\n    at ${value.stack}`
    if (value instanceof Node) return "JSHandle@node"
    try { return typeof value === "object" ? JSON.stringify(value) : String(value) } catch { return "" }
  }
  const kinds = { debug: "debug", error: "error", info: "info", log: "log", warn: "warning" }
  for (const [method, type] of Object.entries(kinds)) {
    const write = console[method]
    console[method] = (...values) => {
      keep({ name: "console", type, text: values.map(describe).join(" ") })
      write.apply(console, values)
    }
  }
  const fail = (error, event) => {
    const isError = typeof error === "object" && error !== null && "message" in error
    keep({
      name: "pageerror",
      type: isError ? String(error.name) : "",
      text: String(isError ? error.message : error),
      // A page may see to it itself, in a listener that comes later.
      event,
    })
  }
  addEventListener("error", event => {
    if (event.target === window) fail(event.error ?? event.message, event)
  })
  addEventListener("unhandledrejection", event => fail(event.reason, event))
  state.take = () => state.events.splice(0)
    .filter(({ event }) => !event?.defaultPrevented)
    .map(({ name, type, text }) => ({ name, type, text }))
  if (window !== top) return
  // What a user does may lead to another page, which takes its time.
  const note = event => {
    const link = event.type === "submit" || event.target.closest?.("a[href]:not([href^='#'])")
    state.isLeft = Boolean(link) && !event.defaultPrevented
  }
  addEventListener("submit", note)
  addEventListener("click", note)
  try {
    state.events.push(...JSON.parse(localStorage.getItem(key) ?? "[]"))
    localStorage.removeItem(key)
  } catch {}
  addEventListener("pagehide", () => {
    const events = state.take()
    try { if (events.length) localStorage.setItem(key, JSON.stringify(events)) } catch {}
  })
})()
