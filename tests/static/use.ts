// What a page that is written in TypeScript does with the client script.
import type { CallbackErrorKind } from "../../flask_clientcallback/static/clientcallback"
import ClientCallbackOfModule from "../../flask_clientcallback/static/clientcallback.mjs"
import { call, CallbackError, page, register, save, target } from "../../flask_clientcallback/static/clientcallback.mjs"
import { ClientCallback as named } from "../../flask_clientcallback/static/clientcallback.mjs"

const text: string = await call<string>("__Page", "ACME", { policy: "latest", timeout: 1000 })
const rows = await ClientCallback.call<string[]>("grid", text, { form: null, context: { a: 1 } })

try {
  await call("grid", rows.join())
} catch (error) {
  if (error instanceof ClientCallback.CallbackError) {
    const kind: CallbackErrorKind = error.kind
    console.log(kind, error.status, error.fields?.name[0], error.id, error.retryAfter?.toFixed())
  }
  if (error instanceof CallbackError) throw new CallbackError("abort", error.message, 0, { cause: error })
}
const tell = (error: ClientCallback.CallbackError | CallbackError) => error.traceback?.trim()

WebForm_InitCallback()
WebForm_DoCallback("__Page", "x", (result, context) => console.log(result, context))
WebForm_DoCallback("__Page", "x", null, 1, (message, context, error) => console.log(error.kind), true)

__doCallback("grid", "x", null)
__doPostBack("grid", "sort")
ClientCallback.register("show", (result: string, element: Element) => element.append(result))
ClientCallback.simulate?.({ latency: 1000, failure: "network" })
ClientCallback.simulate?.()

const total: string = await page.price("ACME", 3)
await page.with({ policy: "latest" }).with({ timeout: 1000 }).find(total)
await target("grid").with({ signal: AbortSignal.timeout(1000) }).sort("name")
await ClientCallback.page.upload(new File([], "photo"))
await ClientCallback.call("__Page.price", ["ACME", 3], { form: null })
const same: typeof page = await page
const all: (typeof ClientCallback)[] = [ClientCallbackOfModule, named, window.ClientCallback]
const invoice: Response = await page.invoice(5)
await save(invoice, "invoice.pdf")
await page.with({ onProgress: (part, context) => console.log(part, context) }).order()
await page.with({ files: true, onUpload: (sent, total) => console.log(sent / total) }).order()
await ClientCallback.save(invoice)
register("show", (result: string) => tell(new CallbackError("parse", result)))

// The events, on whatever they are listened for.
document.addEventListener("clientcallback:error", event => {
  const error: CallbackError = event.detail.error
  if (error.kind === "stale") location.reload()
})
const form = document.querySelector("form")!
form.addEventListener("clientcallback:before", ({ detail }) => detail.headers.set("X-Of", detail.target))
const element: Element = form
element.addEventListener("clientcallback:after", ({ detail }) => detail.response.headers.get(detail.result))
window.addEventListener("clientcallback:redirect", event => {
  event.preventDefault()
  location.assign(event.detail.url)
})
form.attachShadow({ mode: "open" }).addEventListener("clientcallback:conflict", event => event.detail.context.id)
document.querySelector("svg")!.addEventListener("clientcallback:after", event => event.detail.response.ok)

const isKept: boolean = WebForm_OnSubmit?.() === false
const none: undefined = target("grid").then

// @ts-expect-error There is no such option.
page.with({ polocy: "latest" })

// @ts-expect-error Only debug mode has it.
ClientCallback.simulate({})

// @ts-expect-error There is no such failure.
ClientCallback.simulate?.({ failure: "stale" })

// @ts-expect-error Only a success has a result.
document.addEventListener("clientcallback:error", event => event.detail.result)

// @ts-expect-error A function gets the numbers.
page.with({ onUpload: true })

// @ts-expect-error What is saved is a response.
await save("invoice.pdf")

// @ts-expect-error There is no such kind.
tell(new CallbackError("late", "Too late."))

// @ts-expect-error There is no such policy.
await call("__Page", "x", { policy: "newest" })

export { all, isKept, none, same }
