// What a page that is written in TypeScript does with the client script.
import type { CallbackErrorKind } from "../../flask_clientcallback/static/clientcallback"
import { call } from "../../flask_clientcallback/static/clientcallback"

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

// @ts-expect-error Only debug mode has it.
ClientCallback.simulate({})

// @ts-expect-error There is no such failure.
ClientCallback.simulate?.({ failure: "stale" })

// @ts-expect-error There is no such policy.
await call("__Page", "x", { policy: "newest" })

export {}
