/** Why a call has no result. */
export type CallbackErrorKind =
  | "server"
  | "invalid"
  | "rejected"
  | "stale"
  | "auth"
  | "redirect"
  | "http"
  | "network"
  | "timeout"
  | "abort"
  | "parse"

/** What a call that has no result ends in. */
export interface CallbackError extends Error {
  name: "CallbackError"
  kind: CallbackErrorKind
  /** The HTTP status, 0 where there is none. */
  status: number
  /** The id under which the server logged an exception. */
  id?: string
  /** Messages for each field of the form. */
  fields?: Record<string, string[]>
  /** The seconds to wait before another try, where the answer has `Retry-After`. */
  retryAfter?: number
  /** The server's traceback, in debug mode. */
  traceback?: string
  /** The exception behind it. */
  cause?: unknown
}

export interface CallOptions {
  /** Stays in the browser; the events' `detail.context`. */
  context?: unknown
  /** Aborts the call, and cancels the background job that it follows. */
  signal?: AbortSignal
  /**
   * Milliseconds until the call is given up; the application's time unless given. Of a
   * call that follows a background job, it is for each of its requests.
   */
  timeout?: number
  /**
   * What becomes of calls that meet: `queue` on a page that keeps view state or has
   * event validation, else `parallel`, unless given.
   */
  policy?: "parallel" | "queue" | "latest" | "drop"
  /**
   * The calls that the policy is about. Unless given, those of the page for `queue`, and
   * those of the same target for `latest` and `drop`.
   */
  group?: string
  /** The form that is sent; `null` sends none. */
  form?: HTMLFormElement | null
  /** Whether the form's files go along. */
  files?: boolean
  /**
   * Gets the bytes of the body that are sent, and all of them, while files are. The
   * timeout then runs from the last time that something was sent.
   */
  onUpload?: (sent: number, total: number) => void
  /**
   * Gets what a handler yields that is a generator, part after part, and the context. The
   * timeout then runs from the last part. With `onUpload` and files, all parts come at the
   * end. Of a background job it gets the newest part, once.
   */
  onProgress?: (value: any, context: any) => void
  /** The element that calls: its form is sent, and events start at it. */
  element?: Element
}

/** What happens to the requests of calls, so that a developer can look at it. */
export interface Simulation {
  /** Milliseconds before a request goes out. */
  latency?: number
  /** What becomes of it, in the place of being sent. */
  failure?: "network" | "timeout" | "http" | "server"
  /** How many of the requests fail, from 0 to 1: all of them unless given. */
  share?: number
}

/** The methods of a handler whose types are not known. */
export interface AnyMethods {
  [name: string]: (...values: any[]) => Promise<any>
}

/** Methods that take options; a name of `Promise` or of JSON is none of them. */
export type WithOptions<Methods> = {
  /** The same methods with options, of which later ones go before earlier ones. */
  with(options: CallOptions): WithOptions<Methods>
  then?: undefined
  toJSON?: undefined
} & Methods

type All<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer Each) => void ? Each : never
type PageMethods<Types> = Types extends { page: infer Methods } ? Methods : {}
type TargetMethods<Types> = Types extends { targets: infer Targets } ? Targets : {}
type AllPages = ClientCallback.Pages[keyof ClientCallback.Pages]
type AllTargets = All<TargetMethods<AllPages>>
type IfTyped<Typed, Untyped> = [keyof ClientCallback.Pages] extends [never] ? Untyped : Typed

interface Client {
  CallbackError: {
    new (
      kind: CallbackErrorKind,
      message: string,
      status?: number,
      details?: Partial<Pick<CallbackError, "id" | "fields" | "retryAfter" | "traceback" | "cause">>,
    ): CallbackError
    readonly prototype: CallbackError
  }

  /**
   * Calls a handler of the page that the calling element belongs to.
   * @param target a control's id, or `__Page`; for a method `cart.remove`; `__Job` to
   *   follow a background job
   * @param argument text, a number, a `bigint` or a boolean; for a method an array of
   *   arguments, or an object of arguments by name; for `__Job` the id
   * @throws {CallbackError} the call has no result
   * @throws {TypeError} the argument is no text, or JSON would lose some of it, or it is
   *   not clear which page is called
   */
  call: <Result = any>(target: string, argument?: unknown, options?: CallOptions) => Promise<Result>

  /** The methods of the view: `page.price("ACME", 3)`. */
  page: WithOptions<IfTyped<All<PageMethods<AllPages>>, AnyMethods>>

  /**
   * Names a function, so that an element's `data-callback-on-result` gets its
   * result with the element, `data-callback-on-error` the message, the element
   * and the error, and `data-callback-on-progress` each part of the progress with the
   * element.
   */
  register: (name: string, handler: (...values: any[]) => void) => void

  /**
   * Saves the body of an answer as a file.
   * @param name the file's name; unless given, the one in the answer's `Content-Disposition`
   */
  save: (response: Response, name?: string) => Promise<void>

  /** The methods of a control: `target("cart").remove("pen")`. */
  target: IfTyped<
    <Id extends keyof AllTargets>(id: Id) => WithOptions<AllTargets[Id]>,
    (id: string) => WithOptions<AnyMethods>
  >

  /** Only in debug mode: begins a simulation, or ends it. */
  simulate?: (simulation?: Simulation) => void
}

/** What the events of a call tell. */
export interface CallDetail {
  /** The control's id, `__Page` or `__Job`; of a method `cart.remove`. */
  target: string
  /** The option `context` of the call; the element, where attributes make it. */
  context: any
}

/** What the events of calls are. Each bubbles, out of shadow roots too. */
export interface CallbackEventMap {
  /** The call is about to be sent; `preventDefault()` cancels it. */
  "clientcallback:before": CustomEvent<CallDetail & { headers: Headers }>
  /** The call succeeded. */
  "clientcallback:after": CustomEvent<CallDetail & { result: any; response: Response }>
  /** The call failed; `preventDefault()` says that the listener shows the error. */
  "clientcallback:error": CustomEvent<CallDetail & { error: CallbackError }>
  /** The server redirects; `preventDefault()` keeps the browser from going there. */
  "clientcallback:redirect": CustomEvent<CallDetail & { url: string }>
  /** Two calls changed the view state, or the events. */
  "clientcallback:conflict": CustomEvent<CallDetail>
}

declare const client: Client
export { client as ClientCallback, client as default }
export declare const CallbackError: Client["CallbackError"]
export declare const call: Client["call"]
export declare const page: Client["page"]
export declare const register: Client["register"]
export declare const save: Client["save"]
export declare const target: Client["target"]

declare global {
  var ClientCallback: Client

  namespace ClientCallback {
    /**
     * The methods of each page, by its endpoint: those of the view under `page`, those
     * of its controls under `targets` and their ids. While there is none, every name is
     * a method with arguments and a result of any type.
     */
    interface Pages {}

    /** What a call that has no result ends in. */
    type CallbackError = InstanceType<Client["CallbackError"]>

    /** What `ClientCallback.page` has in one page. */
    type Page<Name extends keyof Pages> = WithOptions<PageMethods<Pages[Name]>>

    /** What `ClientCallback.target()` gives in one page. */
    type Target<Name extends keyof Pages, Id extends keyof TargetMethods<Pages[Name]>> = WithOptions<TargetMethods<Pages[Name]>[Id]>
  }

  function WebForm_DoCallback(
    target: string,
    argument: unknown,
    onResult: ((result: any, context: any) => void) | null,
    context?: unknown,
    onError?: ((message: string, context: any, error: CallbackError) => void) | null,
    useAsync?: boolean,
  ): void

  function WebForm_InitCallback(): void

  /** The name of `WebForm_DoCallback` in the beta of 2004. */
  var __doCallback: typeof WebForm_DoCallback

  /** Posts the page back; `target` gets the event. */
  function __doPostBack(target: string, argument: string): void

  /** Only where a statement is registered: runs before a form is submitted. */
  var WebForm_OnSubmit: (() => boolean) | undefined

  // Of what Document, Window, HTMLElement, SVGElement and MathMLElement have.
  interface GlobalEventHandlersEventMap extends CallbackEventMap {}
  interface ElementEventMap extends CallbackEventMap {}
  interface ShadowRootEventMap extends CallbackEventMap {}
}
