// What a page that is written in TypeScript does with the client script.
import type { CallbackErrorKind } from "../../flask_clientcallback/static/clientcallback"
import { call, page, target } from "../../flask_clientcallback/static/clientcallback"

const text: string = await call<string>("__Page", "ACME", { policy: "latest", timeout: 1000 })
const rows = await ClientCallback.call<string[]>("grid", text, { form: null, context: { a: 1 } })

try {
  await call("grid", rows.join())
} catch (error) {
  if (error instanceof ClientCallback.CallbackError) {
    const kind: CallbackErrorKind = error.kind
    console.log(kind, error.status, error.fields?.name[0], error.id)
  }
}

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
const none: undefined = target("grid").then

// @ts-expect-error There is no such option.
page.with({ polocy: "latest" })

// @ts-expect-error Only debug mode has it.
ClientCallback.simulate({})

// @ts-expect-error There is no such failure.
ClientCallback.simulate?.({ failure: "stale" })

// @ts-expect-error There is no such policy.
await call("__Page", "x", { policy: "newest" })

export { none, same }
