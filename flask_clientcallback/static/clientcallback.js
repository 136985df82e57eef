// @ts-check
(() => {
  "use strict"

  // As a script and as a module, it is one.
  const { ClientCallback: earlier } = /** @type {any} */ (window)
  if (typeof earlier?.call === "function") return

  // ---- Constants, as in protocol/wire.py where they are text -----------------

  const CONTENT_TYPE = "application/vnd.clientcallback+json"
  const MARKER = "X-Client-Callback"
  const TARGET = "__CALLBACKID"
  const ARGUMENT = "__CALLBACKPARAM"
  const STATE = "__VIEWSTATE"
  const VALIDATION = "__EVENTVALIDATION"
  const EVENT_TARGET = "__EVENTTARGET"
  const EVENT_ARGUMENT = "__EVENTARGUMENT"
  const TIMEOUT = 30000
  const INDICATE_AFTER = 200
  const LEAVE_WITHIN = 5000
  const POLICIES = ["parallel", "queue", "latest", "drop"]

  // ---- Errors ---------------------------------------------------------------

  /** What a call that has no result ends in. */
  class CallbackError extends Error {
    /**
     * @param {Kind} kind
     * @param {string} message
     * @param {Partial<Details>} [details]
     */
    constructor(kind, message, { status = 0, id, fields, traceback, cause } = {}) {
      super(message, { cause })
      this.name = "CallbackError"
      this.kind = kind
      this.status = status
      this.id = id
      this.fields = fields
      this.traceback = traceback
    }
  }

  /** @param {string} message */
  const aborted = message => new CallbackError("abort", message)

  /** @param {AbortSignal} signal */
  const stopped = signal =>
    new Promise(resolve => {
      if (signal.aborted) resolve(null)
      signal.addEventListener("abort", resolve)
    })

  // ---- Elements -------------------------------------------------------------

  // An input's name may hide the properties of its form.
  const { setAttribute, removeAttribute, getAttribute, matches } = Element.prototype

  /**
   * @param {HTMLElement} element
   * @returns {DOMStringMap}
   */
  const dataOf = element => Reflect.get(HTMLElement.prototype, "dataset", element)

  /**
   * The form of the element, found without its properties, which an input's
   * name may hide.
   * @param {unknown} element
   * @returns {HTMLFormElement | null}
   */
  const formOf = element => {
    if (element instanceof HTMLFormElement) return element
    if (!(element instanceof Element)) return null
    const { form } = /** @type {{form?: unknown}} */ (element)
    return form instanceof HTMLFormElement ? form : element.closest("form")
  }

  /**
   * How many calls an element waits for, by what says so.
   * @type {WeakMap<Element, Record<string, number>>}
   */
  const marks = new WeakMap()

  /**
   * @param {Element} element
   * @param {string} name
   * @param {1 | -1} change
   */
  const add = (element, name, change) => {
    const counts = marks.get(element) || {}
    const count = (counts[name] || 0) + change
    marks.set(element, { ...counts, [name]: count })
    return count
  }

  /**
   * @param {unknown} element
   * @param {string} attribute
   * @param {1 | -1} change
   */
  const mark = (element, attribute, change) => {
    if (!(element instanceof Element)) return
    const count = add(element, attribute, change)
    if (count) setAttribute.call(element, attribute, "true")
    else removeAttribute.call(element, attribute)
  }

  // ---- Events ---------------------------------------------------------------

  /**
   * @param {string} name
   * @param {Call} call
   * @param {object} detail
   */
  const dispatch = (name, { element, context, target }, detail) =>
    (element instanceof Element && element.isConnected ? element : document).dispatchEvent(
      new CustomEvent(`clientcallback:${name}`, {
        bubbles: true,
        cancelable: true,
        detail: { target, context, ...detail },
      }),
    )

  // ---- The page -------------------------------------------------------------

  /**
   * The tokens of an answer: the field that holds each, and where the script's element
   * does in a page without fields.
   * @type {[TokenName, string, string][]}
   */
  const TOKENS = [["viewState", STATE, "callbackState"], ["eventValidation", VALIDATION, "callbackEvents"]]

  /**
   * @param {Element | null} script
   * @returns {Page}
   */
  const readPage = script => {
    const data = script instanceof HTMLScriptElement ? script.dataset : {}
    // Where the page was rendered at, whatever the address bar or a <base> says.
    const { href, origin } = window.location
    const given = new URL(data.callbackUrl || href, href)
    const address = given.origin === origin ? given.href : href
    return {
      address,
      data,
      // What each token that was only signed anew had been.
      originals: new Map(),
      // Which call was the last to change each token: calls are numbered as they are sent.
      writers: {},
    }
  }

  const thisPage = readPage(document.currentScript || document.querySelector("script[data-callback-url]"))

  /**
   * @param {string} name
   * @returns {NodeListOf<HTMLInputElement>}
   */
  const fieldsOf = name => document.querySelectorAll(`input[name="${name}"]`)

  /** The first form that carries the state, in a page that has one. */
  const pageForm = () => Array.from(fieldsOf(STATE), formOf).find(form => form)

  /**
   * @param {Page} page
   * @returns {Tokens}
   */
  const readTokens = ({ data }) =>
    Object.fromEntries(TOKENS.map(([name, field, key]) => [name, fieldsOf(field)[0]?.value ?? data[key]]))

  /**
   * @param {Tokens & {renewed?: string[]}} answer
   * @param {Call} call
   */
  const writeTokens = (answer, call) => {
    const { page, number, tokens } = call
    const { data, originals, writers } = page
    const held = readTokens(page)
    const { renewed = [] } = answer
    /** @param {string | undefined} token */
    const original = token => originals.get(token) || token
    let stays
    for (const [name, field, key] of TOKENS) {
      const token = answer[name]
      if (!token) continue
      const sent = original(tokens[name])
      const changed = original(held[name]) !== sent
      if (renewed.includes(name)) {
        // It must not undo a change.
        if (changed) continue
        originals.set(token, sent)
      } else {
        const writer = (writers[name] = Math.max(writers[name] || 0, number))
        if (changed) stays = writer
        if (writer !== number) continue
      }
      data[key] = token
      for (const input of fieldsOf(field)) input.value = token
    }
    if (!stays) return
    console.warn(`Two changes of the page's state met, and that of call ${stays} stays. The policy "queue" keeps both.`)
    dispatch("conflict", call, {})
  }

  // Firefox and WebKit end a page's requests when it begins to be left. Whether it is,
  // is known later: a download begins in the same way.
  let leaving = Promise.resolve()
  let leaves = 0
  const onBeforeUnload = () => {
    leaving = new Promise(resolve => setTimeout(resolve, LEAVE_WITHIN))
  }

  // ---- Request --------------------------------------------------------------

  /**
   * @param {Page} page
   * @returns {string | undefined}
   */
  const csrfToken = ({ data }) => {
    /** @type {HTMLMetaElement | null} */
    const meta = document.querySelector('meta[name="csrf-token"]')
    return meta?.content || fieldsOf("csrf_token")[0]?.value || data.callbackCsrf
  }

  /** @param {unknown} argument */
  const asArgument = argument =>
    argument === null || argument === undefined ? "" : typeof argument === "object" ? argument : String(argument)

  /**
   * @param {Call} call
   * @param {unknown} argument
   */
  const buildBody = ({ target, options, element, tokens }, argument) => {
    const form = options.form === undefined ? formOf(element) || pageForm() : options.form
    const button = options.submitter || element
    const submits = button instanceof HTMLButtonElement || button instanceof HTMLInputElement
    const submitter = submits && /^(submit|image)$/.test(button.type) && button.form === form ? button : null
    const data = form ? new FormData(form, submitter) : new FormData()
    const body = options.files ? data : new URLSearchParams()
    if (body !== data) {
      for (const [name, value] of data) if (typeof value === "string") body.append(name, value)
    }
    body.set(TARGET, target)
    body.set(ARGUMENT, JSON.stringify(argument))
    body.set(STATE, tokens.viewState || "")
    if (tokens.eventValidation) body.set(VALIDATION, tokens.eventValidation)
    // A callback is no post-back event, whatever button makes it.
    body.delete(EVENT_TARGET)
    body.delete(EVENT_ARGUMENT)
    return body
  }

  // ---- Response -------------------------------------------------------------

  /**
   * @param {Call} call
   * @param {unknown} cause
   * @returns {Promise<never>}
   */
  const lost = async ({ controller: { signal }, leaves: before }, cause) => {
    await Promise.race([leaving, stopped(signal)])
    if (signal.aborted) throw signal.reason
    if (leaves > before) throw aborted("The page is being left.")
    throw new CallbackError("network", "The server cannot be reached.", { cause })
  }

  /**
   * @param {string} location
   * @param {number} status
   * @param {Call} call
   */
  const redirect = (location, status, call) => {
    let url
    try {
      url = new URL(location, call.page.address)
    } catch (cause) {
      return new CallbackError("redirect", `The server redirects to ${location}`, { status, cause })
    }
    if (dispatch("redirect", call, { url: url.href }) && url.origin === window.origin) {
      window.location.assign(url)
    }
    return new CallbackError("redirect", `The server redirects to ${url.href}`, { status })
  }

  /**
   * @param {number} status
   * @param {string} what
   */
  const foreign = (status, what) => {
    const kind = status === 401 ? "auth" : status === 500 ? "server" : "http"
    return new CallbackError(kind, `The server answered ${status} with ${what}.`, { status })
  }

  /**
   * Reads an answer. Nothing but a marked success is a result.
   * @param {Response} response
   * @param {Call} call
   * @returns {Promise<unknown>}
   */
  const readResponse = async (response, call) => {
    const { status } = response
    if (response.redirected) throw redirect(response.url, status, call)
    if (response.headers.get(MARKER) === "response") {
      if (response.ok) return response
      throw foreign(status, "a response")
    }
    const type = response.headers.get("Content-Type") || "nothing"
    if (type.split(";")[0].trim() !== CONTENT_TYPE) throw foreign(status, type)
    const text = await response.text().catch(cause => lost(call, cause))
    let answer
    try {
      answer = JSON.parse(text)
    } catch (cause) {
      throw new CallbackError("parse", "The answer is not JSON.", { status, cause })
    }
    if (answer?.redirect) throw redirect(answer.redirect, status, call)
    if (answer?.error) {
      const { kind, message, traceback } = answer.error
      if (traceback) console.error(traceback)
      throw new CallbackError(kind, message, { ...answer.error, status })
    }
    if (status !== 200 || Object(answer) !== answer || !("result" in answer)) {
      throw new CallbackError("parse", "The answer has no result.", { status })
    }
    writeTokens(answer, call)
    return answer.result
  }

  // ---- Calls ----------------------------------------------------------------

  let calls = 0

  /**
   * @param {Call} call
   * @param {unknown} argument
   */
  const send = async (call, argument) => {
    const { options, controller, page } = call
    const { timeout = TIMEOUT } = options
    const late = () => controller.abort(new CallbackError("timeout", "The server did not answer in time."))
    const timer = timeout < 2 ** 31 ? setTimeout(late, timeout) : 0
    try {
      controller.signal.throwIfAborted()
      Object.assign(call, { number: ++calls, leaves, tokens: readTokens(page) })
      const headers = new Headers({ [MARKER]: "1", Accept: CONTENT_TYPE })
      const token = csrfToken(page)
      if (token) headers.set("X-CSRFToken", token)
      if (!dispatch("before", call, { headers })) throw aborted("A listener cancelled the call.")
      const response = await fetch(page.address, {
        method: "POST",
        credentials: "same-origin",
        headers,
        body: buildBody(call, argument),
        signal: controller.signal,
      }).catch(cause => lost(call, cause))
      const result = await readResponse(response, call)
      dispatch("after", call, { result })
      return result
    } catch (error) {
      dispatch("error", call, { error })
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * What runs and waits in each group.
   * @type {Map<string, {running: Set<Call>, last: Promise<unknown>}>}
   */
  const groups = new Map()

  /**
   * Calls a handler of this page.
   * @param {string} target
   * @param {unknown} [argument]
   * @param {CallOptions} [options]
   * @returns {Promise<any>}
   */
  const makeCall = (target, argument, options = {}) => {
    const { policy = "parallel", group = "", signal, context, element } = options
    if (!POLICIES.includes(policy)) return Promise.reject(new TypeError(`There is no policy ${policy}; there are ${POLICIES.join(", ")}.`))
    const line = groups.get(group) || { running: new Set(), last: Promise.resolve() }
    groups.set(group, line)
    /** @type {Call} */
    const call = {
      page: thisPage,
      target,
      options,
      context,
      element: element || window.event?.target,
      controller: new AbortController(),
      number: 0,
      leaves: 0,
      tokens: {},
    }
    const { controller } = call
    const stop = () => controller.abort(aborted("The call was aborted."))
    if (signal) {
      if (signal.aborted) stop()
      signal.addEventListener("abort", stop, { once: true })
    }
    if (policy === "drop" && line.running.size) return Promise.reject(aborted("Another call is running."))
    if (policy === "latest") for (const other of line.running) other.controller.abort(aborted("A newer call replaced this one."))
    line.running.add(call)
    mark(call.element, "aria-busy", 1)
    const run = () => send(call, asArgument(argument))
    let answer
    if (policy === "queue") {
      // Its turn, or its end before.
      const before = line.last
      answer = Promise.race([before, stopped(controller.signal)]).then(run)
      line.last = Promise.all([before, answer.catch(() => {})])
    } else answer = run()
    // A promise of its own, so that a rejection nobody handles is reported.
    return answer.finally(() => {
      line.running.delete(call)
      mark(call.element, "aria-busy", -1)
      signal?.removeEventListener("abort", stop)
    })
  }

  /**
   * A handler that throws is an uncaught exception of its own.
   * @param {() => void} handler
   */
  const report = handler => {
    try {
      handler()
    } catch (error) {
      reportError(error)
    }
  }

  /**
   * @param {Promise<unknown>} answer
   * @param {((result: any, context: any) => void) | null | undefined} onResult
   * @param {unknown} context
   * @param {((message: string, context: any, error: CallbackError) => void) | null | undefined} onError
   */
  const finish = (answer, onResult, context, onError) =>
    answer.then(
      result => report(() => onResult && onResult(result, context)),
      error => {
        if (onError) report(() => onError(error.message, context, error))
        // That a call was given up, its page wanted.
        else if (error.kind !== "abort") console.error(error)
      },
    )

  // ---- Ported scripts -------------------------------------------------------

  /**
   * @param {string} target
   * @param {unknown} argument
   * @param {((result: any, context: any) => void) | null} onResult
   * @param {unknown} context
   * @param {((message: string, context: any, error: CallbackError) => void) | null} onError
   * @param {boolean} useAsync
   */
  const doCallback = (target, argument, onResult, context, onError, useAsync) => {
    finish(makeCall(target, argument, { context, policy: useAsync ? "parallel" : "queue" }), onResult, context, onError)
  }

  /**
   * Fills the form's hidden field, or one that is made for the moment; gives what
   * undoes it.
   * @param {HTMLFormElement} form
   * @param {string} name
   * @param {string} value
   */
  const fill = (form, name, value) => {
    /** @type {HTMLInputElement | null} */
    const found = form.querySelector(`input[type="hidden"][name="${name}"]`)
    const field = found || document.createElement("input")
    const { value: before } = field
    field.type = "hidden"
    field.name = name
    field.value = value
    if (!found) form.append(field)
    return () => {
      field.value = before
      if (!found) field.remove()
    }
  }

  /**
   * Posts the page back, as its own submit would.
   * @param {string} target
   * @param {string} argument
   */
  const doPostBack = (target, argument) => {
    const form = pageForm()
    if (!form) return console.error("There is no form to post back: put callback_fields() into one.")
    const undo = [fill(form, EVENT_TARGET, target), fill(form, EVENT_ARGUMENT, argument)]
    const event = new SubmitEvent("submit", { bubbles: true, cancelable: true })
    if (form.dispatchEvent(event)) HTMLFormElement.prototype.submit.call(form)
    for (const step of undo) step()
  }

  /**
   * Runs what register_on_submit_statement() wrote.
   * @param {Event} event
   */
  const onSubmit = event => {
    const { WebForm_OnSubmit: statements } = /** @type {any} */ (window)
    if (typeof statements !== "function") return
    for (const field of fieldsOf(STATE)) {
      if (formOf(field) === event.target) return statements() === false && event.preventDefault()
    }
  }

  // ---- Data attributes ------------------------------------------------------

  /** @type {Map<string, (...values: any[]) => void>} */
  const handlers = new Map()

  /**
   * Names a function for data-callback-on-result and data-callback-on-error.
   * @param {string} name
   * @param {(...values: any[]) => void} handler
   */
  const register = (name, handler) => {
    if (typeof handler !== "function") throw new TypeError(`${name} is no function.`)
    handlers.set(name, handler)
  }

  /** @param {HTMLElement} element */
  const hasHandlers = element => {
    const { callbackOnResult, callbackOnError } = dataOf(element)
    const missing = [callbackOnResult, callbackOnError].find(name => name !== undefined && !handlers.has(name))
    if (missing !== undefined) console.error(`There is no function ${missing}: name it with ClientCallback.register.`)
    return missing === undefined
  }

  /**
   * @param {HTMLElement} element
   * @param {HTMLElement | null} [submitter]
   */
  const callFrom = (element, submitter) => {
    const data = dataOf(element)
    const disables = "callbackDisable" in data
    // Said, not set: a disabled element would lose the focus and its value.
    if (disables && getAttribute.call(element, "aria-disabled") === "true") return
    const { value } = /** @type {{value?: unknown}} */ (element instanceof HTMLFormElement ? {} : element)
    const indicator = document.getElementById(data.callbackIndicator || "")
    let shown = false
    const timer = setTimeout(() => {
      shown = true
      if (indicator && add(indicator, "shown", 1)) indicator.hidden = false
    }, INDICATE_AFTER)
    if (disables) mark(element, "aria-disabled", 1)
    const answer = makeCall(data.callbackTarget || "", data.callbackArgument ?? value, {
      element,
      submitter,
      context: element,
      policy: /** @type {any} */ (data.callbackPolicy),
      group: data.callbackGroup,
      timeout: data.callbackTimeout ? Number(data.callbackTimeout) : undefined,
      files: "callbackFiles" in data,
    }).finally(() => {
      clearTimeout(timer)
      if (shown && indicator && !add(indicator, "shown", -1)) indicator.hidden = true
      if (disables) mark(element, "aria-disabled", -1)
    })
    finish(answer, handlers.get(data.callbackOnResult || ""), element, handlers.get(data.callbackOnError || ""))
  }

  /** @type {WeakMap<Element, number>} */
  const delays = new WeakMap()

  /** @param {Event} event */
  const onEvent = event => {
    const { target, type } = event
    const element = target instanceof Element ? target.closest("[data-callback-target]") : null
    if (event.defaultPrevented || !(element instanceof HTMLElement)) return
    const { callbackEvent = "click", callbackDelay } = dataOf(element)
    if (callbackEvent !== type) return
    // A link that is to be opened elsewhere is.
    const { ctrlKey, metaKey, shiftKey } = /** @type {MouseEvent} */ (event)
    if (type === "click" && matches.call(element, "a") && (ctrlKey || metaKey || shiftKey)) return
    // With a name that nothing is registered under, the element does what it would
    // do without scripts.
    if (!hasHandlers(element)) return
    // Without scripts these would post the page back or leave it.
    if (type === "submit" || (type === "click" && matches.call(element, "a, button, input[type=submit], input[type=image]"))) {
      event.preventDefault()
    }
    clearTimeout(delays.get(element))
    const { submitter } = /** @type {SubmitEvent} */ (event)
    if (callbackDelay) delays.set(element, setTimeout(callFrom, Number(callbackDelay), element, submitter))
    else callFrom(element, submitter)
  }

  const onLoad = () => {
    /** @type {NodeListOf<HTMLElement>} */
    const elements = document.querySelectorAll('[data-callback-target][data-callback-event="load"]')
    for (const element of elements) if (hasHandlers(element)) callFrom(element)
  }

  // ---- Start ----------------------------------------------------------------

  for (const type of ["click", "submit", "change", "input", "keydown", "keyup", "focusin", "focusout"]) {
    document.addEventListener(type, onEvent)
  }
  window.addEventListener("submit", onSubmit, true)
  window.addEventListener("beforeunload", onBeforeUnload)
  window.addEventListener("pagehide", () => leaves++)
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", onLoad)
  else setTimeout(onLoad)

  Object.assign(window, {
    ClientCallback: { CallbackError, call: makeCall, register },
    WebForm_DoCallback: doCallback,
    // The form is read when a call is sent, so there is nothing to prepare.
    WebForm_InitCallback() {},
    __doCallback: doCallback,
    __doPostBack: doPostBack,
  })
})()

/**
 * @typedef {import("./clientcallback.d.ts").CallbackErrorKind} Kind
 * @typedef {import("./clientcallback.d.ts").CallOptions & {submitter?: HTMLElement | null}} CallOptions
 * @typedef {{status: number, id: string, fields: Record<string, string[]>, traceback: string, cause: unknown}} Details
 * @typedef {"viewState" | "eventValidation"} TokenName
 * @typedef {Partial<Record<TokenName, string>>} Tokens
 * @typedef {{address: string, data: DOMStringMap, originals: Map<string | undefined, string | undefined>, writers: Partial<Record<TokenName, number>>}} Page
 * @typedef {{page: Page, target: string, options: CallOptions, context: unknown, element: unknown, controller: AbortController, number: number, leaves: number, tokens: Tokens}} Call
 */
