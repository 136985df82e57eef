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
  const PAGES_KEPT = 100
  const POLICIES = ["parallel", "queue", "latest", "drop"]
  const TYPES = ["click", "submit", "change", "input", "keydown", "keyup", "focusin", "focusout", "compositionend"]

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

  /**
   * Reads a member where the node's class has it, and calls it if it is a method: what
   * the fields of a form and the images of a document are named hides their own.
   * @param {Node} node
   * @param {string} name
   * @param {...unknown} values
   * @returns {any}
   */
  const own = (node, name, ...values) => {
    const member = Reflect.get(Object.getPrototypeOf(node), name, node)
    return typeof member === "function" ? member.apply(node, values) : member
  }

  /**
   * @param {Element} element
   * @param {string} name
   * @returns {string | null}
   */
  const attribute = (element, name) => own(element, "getAttribute", `data-callback-${name}`)

  /**
   * The closest element on or around a node, through the hosts of shadow roots.
   * @param {unknown} node
   * @param {string} selector
   * @returns {Element | null}
   */
  const closest = (node, selector) =>
    node instanceof Element
      ? own(node, "closest", selector) || closest(own(own(node, "getRootNode"), "host"), selector)
      : null

  /**
   * Whether a node is part of what others wrote.
   * @param {Element} element
   */
  const isIgnored = element => closest(element, "[data-callback-ignore]")

  /**
   * @param {unknown} element
   * @returns {HTMLFormElement | null}
   */
  const formOf = element => {
    if (!(element instanceof Element) || element instanceof HTMLFormElement) return /** @type {any} */ (element || null)
    return own(element, "form") || closest(element, "form")
  }

  /**
   * @param {unknown} element
   * @returns {element is HTMLButtonElement | HTMLInputElement}
   */
  const submits = element =>
    (element instanceof HTMLButtonElement || element instanceof HTMLInputElement) &&
    /^(submit|image)$/.test(element.type)

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
   * @param {string} name
   * @param {1 | -1} change
   */
  const mark = (element, name, change) => {
    if (!(element instanceof Element)) return
    const count = add(element, name, change)
    if (count) own(element, "setAttribute", name, "true")
    else own(element, "removeAttribute", name)
  }

  // ---- Events ---------------------------------------------------------------

  /**
   * @param {string} name
   * @param {Call} call
   * @param {object} detail
   */
  const dispatch = (name, { element, context, target }, detail) =>
    own(
      element instanceof Element && own(element, "isConnected") ? element : document,
      "dispatchEvent",
      new CustomEvent(`clientcallback:${name}`, {
        bubbles: true,
        cancelable: true,
        composed: true,
        detail: { target, context, ...detail },
      }),
    )

  /** What the event that is being handled happened to. */
  const eventTarget = () => /** @type {any} */ (window.event)?.composedPath?.()[0]

  // ---- Pages ----------------------------------------------------------------

  /**
   * The tokens of a page: what an answer calls each, the field that holds it, and the
   * attribute where the script's element does.
   * @type {[TokenName, string, string][]}
   */
  const TOKENS = [["viewState", STATE, "state"], ["eventValidation", VALIDATION, "events"]]

  /**
   * The pages that the document holds or has held.
   * @type {Map<string, Page>}
   */
  const pages = new Map()

  /**
   * Finds a page, or gets to know it.
   * @param {Element} mark
   * @returns {Page | undefined}
   */
  const pageOfMark = mark => {
    const id = attribute(mark, "page") || ""
    const known = pages.get(id)
    if (known) return known
    let address
    try {
      address = new URL(attribute(mark, "url") || "", window.origin)
    } catch {
      return
    }
    if (address.origin !== window.origin) return
    /** @type {Page} */
    const page = {
      address: address.href,
      timeout: Number(attribute(mark, "timeout") || TIMEOUT),
      isStateful: false,
      tokens: {},
      // Which call was the last to change each token: calls are numbered as they are sent.
      writers: {},
    }
    pages.set(id, page)
    // One that is still there is read anew.
    for (const oldest of pages.keys()) if (pages.size > PAGES_KEPT) pages.delete(oldest)
    return page
  }

  /**
   * Brings pages and their marks up to each other: the tokens come from the marks,
   * until an answer has brought others. Gives all marks, in the document and in the
   * shadow roots around a node.
   * @param {unknown} [node]
   * @returns {[Element, Page][]}
   */
  const readMarks = node => {
    /** @type {[Element, Page][]} */
    const marks = []
    let root = node instanceof Element ? own(node, "getRootNode") : document
    while (root) {
      for (const mark of own(root, "querySelectorAll", ":is(script,input)[data-callback-page][data-callback-url]")) {
        const page = isIgnored(mark) ? undefined : pageOfMark(mark)
        if (!page) continue
        marks.push([mark, page])
        page.csrf = attribute(mark, "csrf") || page.csrf
        for (const [name, field, key] of TOKENS) {
          const isField = mark.name === field
          const token = isField ? mark.value : attribute(mark, key)
          if (token && !(name in page.writers)) {
            page.tokens[name] = token
            page.isStateful = attribute(mark, "stateful") !== null
          } else if (isField) mark.value = page.tokens[name] || ""
          else if (token) own(mark, "setAttribute", `data-callback-${key}`, page.tokens[name])
        }
      }
      const host = own(root, "host")
      root = host instanceof Element ? own(host, "getRootNode") : root !== document && document
    }
    return marks
  }

  /**
   * The page that a call is about.
   * @param {unknown} element
   * @param {HTMLFormElement | null} form
   * @returns {Page}
   */
  const pageOf = (element, form) => {
    const marks = readMarks(element)
    const named = closest(element, "[data-callback-page]")
    const found = named
      ? pages.get(attribute(named, "page") || "")
      : marks.find(([mark]) => form && formOf(mark) === form)?.[1]
    if (found) return found
    const held = new Set(marks.length ? marks.map(([, page]) => page) : pages.values())
    if (!named && held.size === 1) return [...held][0]
    // Where the address bar and the server write it in different ways, it is the same.
    const [here] = window.location.href.split("#")
    const last = marks.filter(([, page]) => unescape(page.address) === unescape(here)).pop()
    /** @type {[Element, Page][]} */
    let near = marks
    for (let node = element; node instanceof Element; node = own(node, "parentElement") || own(own(node, "getRootNode"), "host")) {
      const inside = marks.filter(([mark]) => own(/** @type {Element} */ (node), "contains", mark))
      if (!inside.length) continue
      near = inside
      break
    }
    if (!named && last && near.some(([, page]) => page === last[1])) return last[1]
    throw new TypeError(
      held.size
        ? "It is not clear which page of the document is called: write {{ callback_page() }} on an element around what calls, or give the option element."
        : "The document has no page to call: render callback_scripts().",
    )
  }

  /**
   * The form of the element, or else the first of the page.
   * @param {Page} page
   * @param {unknown} element
   */
  const pageForm = (page, element) => {
    const forms = readMarks(element).map(([mark, of]) => of === page && formOf(mark)).filter(form => form)
    const form = formOf(element)
    return forms.includes(form) ? form : forms[0]
  }

  /**
   * @param {Tokens & {renewed?: string[], stateful?: boolean}} answer
   * @param {Call} call
   */
  const writeTokens = (answer, call) => {
    const { page, number, seen } = call
    const { renewed = [], stateful = false } = answer
    let stays
    for (const [name] of TOKENS) {
      const token = answer[name]
      if (!token) continue
      const writer = page.writers[name] || 0
      const isChanged = writer !== (seen[name] || 0)
      const isRenewed = renewed.includes(name)
      // What was only signed anew must not undo a change.
      const newest = isRenewed ? writer : Math.max(writer, number)
      page.writers[name] = newest
      if (isChanged && !isRenewed) stays = newest
      if (isRenewed ? isChanged : newest !== number) continue
      page.tokens[name] = token
      if (name === "viewState") page.isStateful = stateful
    }
    readMarks(call.element)
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
   * @param {string} selector
   * @returns {any}
   */
  const find = selector => [...own(document, "querySelectorAll", selector)].find(element => !isIgnored(element))

  /**
   * @param {Page} page
   * @returns {string | undefined}
   */
  const csrfToken = ({ csrf }) =>
    find('meta[name="csrf-token"]')?.content || find('input[name="csrf_token"]')?.value || csrf

  /**
   * What raise_callback_event gets.
   * @param {unknown} argument
   */
  const asText = argument => {
    if (argument === null || argument === undefined) return ""
    if (/string|boolean|bigint/.test(typeof argument) || Number.isFinite(argument)) return String(argument)
    throw new TypeError("The argument is text. Use JSON.stringify for anything else.")
  }

  /**
   * @param {Call} call
   * @param {string} argument
   */
  const buildBody = ({ page, target, options, element }, argument) => {
    const { viewState, eventValidation } = page.tokens
    const form = options.form === undefined ? formOf(element) || pageForm(page, element) : options.form
    const button = options.submitter || element
    const submitter = submits(button) && button.form === form ? button : null
    const data = form ? new FormData(form, submitter) : new FormData()
    const body = options.files ? data : new URLSearchParams()
    if (body !== data) {
      for (const [name, value] of data) if (typeof value === "string") body.append(name, value)
    }
    body.set(TARGET, target)
    body.set(ARGUMENT, JSON.stringify(argument))
    body.set(STATE, viewState || "")
    if (eventValidation) body.set(VALIDATION, eventValidation)
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
      const { location: bar } = window
      const [here] = bar.href.split("#")
      bar.assign(url)
      // To another fragment of the same document a browser only scrolls.
      if (url.hash && url.href.split("#")[0] === here) bar.reload()
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
   * @param {string} argument
   */
  const send = async (call, argument) => {
    const { options, controller, page } = call
    const { timeout = page.timeout } = options
    const late = () => controller.abort(new CallbackError("timeout", "The server did not answer in time."))
    const timer = timeout < 2 ** 31 ? setTimeout(late, timeout) : 0
    try {
      controller.signal.throwIfAborted()
      readMarks(call.element)
      Object.assign(call, { number: ++calls, leaves, seen: { ...page.writers } })
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
      dispatch("after", call, { result, response })
      return result
    } catch (error) {
      dispatch("error", call, { error })
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * The calls that run or wait, in the order in which they were made.
   * @type {Set<Call>}
   */
  const running = new Set()

  /**
   * Calls a handler of a page.
   * @param {string} target
   * @param {unknown} [argument]
   * @param {CallOptions} [options]
   * @returns {Promise<any>}
   */
  const makeCall = async (target, argument, options) => {
    const given = { ...options }
    const { policy, group = "", signal, context, form } = given
    if (policy && !POLICIES.includes(policy)) throw new TypeError(`There is no policy ${policy}; there are ${POLICIES.join(", ")}.`)
    const text = asText(argument)
    const element = given.element || eventTarget()
    const caller = given.element || form || element
    const page = pageOf(caller, form || formOf(caller))
    // What a page keeps must not get lost.
    const isQueued = policy ? policy === "queue" : page.isStateful
    const isTyped = !policy && isQueued && given.isTyped
    const controller = new AbortController()
    let end = () => {}
    const ended = new Promise(resolve => {
      end = () => resolve(null)
    })
    /** @type {Call} */
    const call = { page, target, group, options: given, context, element, controller, isQueued, ended, number: 0, leaves: 0, seen: {} }
    /** @param {Call} other */
    const isInLine = other => other.page === page && other.group === group
    const stop = () => controller.abort(aborted("The call was aborted."))
    if (signal?.aborted) stop()
    signal?.addEventListener("abort", stop)
    for (const other of running) {
      if (!isInLine(other) || !(group || other.target === target)) continue
      if (policy === "drop") controller.abort(aborted("Another call is running."))
      if (policy === "latest" || (isTyped && other.element === element)) other.controller.abort(aborted("A newer call replaced this one."))
    }
    running.add(call)
    mark(element, "aria-busy", 1)
    try {
      for (const other of isQueued ? running : []) {
        if (other === call) break
        if (other.isQueued && isInLine(other)) await Promise.race([other.ended, stopped(controller.signal)])
      }
      return await send(call, text)
    } finally {
      running.delete(call)
      end()
      mark(element, "aria-busy", -1)
      signal?.removeEventListener("abort", stop)
    }
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
    const found = own(form, "querySelector", `input[type="hidden"][name="${name}"]`)
    /** @type {HTMLInputElement} */
    const field = found || own(document, "createElement", "input")
    const { value: before } = field
    field.type = "hidden"
    field.name = name
    field.value = value
    if (!found) own(form, "append", field)
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
    const element = eventTarget()
    const form = pageForm(pageOf(element, formOf(element)), element)
    if (!form) return console.error("There is no form to post back: put callback_fields() into one.")
    const undo = [fill(form, EVENT_TARGET, target), fill(form, EVENT_ARGUMENT, argument)]
    const event = new SubmitEvent("submit", { bubbles: true, cancelable: true })
    if (own(form, "dispatchEvent", event)) own(form, "submit")
    for (const step of undo) step()
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

  /**
   * @param {Element} element
   * @param {boolean} [isSilent]
   */
  const hasHandlers = (element, isSilent) => {
    const missing = ["on-result", "on-error"].map(name => attribute(element, name)).find(name => name !== null && !handlers.has(name))
    if (missing !== undefined && !isSilent) console.error(`There is no function ${missing}: register your functions below callback_scripts(), with ClientCallback.register().`)
    return missing === undefined
  }

  /**
   * Whether an element may call: what others wrote cannot know the page's id.
   * @param {Element} element
   */
  const isObeyed = element => readMarks(element) && pages.has(attribute(element, "page") || "") && !isIgnored(element)

  /**
   * The elements that were changed while their call ran.
   * @type {WeakSet<Element>}
   */
  const changed = new WeakSet()

  /**
   * @param {Element} element
   * @param {HTMLElement | null} [submitter]
   */
  const callFrom = (element, submitter) => {
    /** @param {string} name */
    const said = name => attribute(element, name) ?? undefined
    const type = said("event")
    const disables = said("disable") !== undefined
    // Said, not set: a disabled element would lose the focus and its value.
    if (disables && own(element, "getAttribute", "aria-disabled") === "true") {
      if (type === "change" || type === "input") changed.add(element)
      return
    }
    // A form has the value of the button that submits it.
    const { value } = /** @type {{value?: unknown}} */ (element instanceof HTMLFormElement ? submitter || {} : element)
    const timeout = said("timeout")
    const indicator = own(own(element, "getRootNode"), "getElementById", said("indicator") || "")
    let isShown = false
    const timer = setTimeout(() => {
      isShown = true
      if (indicator && add(indicator, "shown", 1)) own(indicator, "removeAttribute", "hidden")
    }, INDICATE_AFTER)
    if (disables) mark(element, "aria-disabled", 1)
    const answer = makeCall(said("target") || "", said("argument") ?? (Object(value) === value ? JSON.stringify(value) : value), {
      element,
      submitter,
      context: element,
      policy: /** @type {any} */ (said("policy")),
      group: said("group"),
      timeout: timeout && Number(timeout),
      files: said("files") !== undefined,
      isTyped: type === "input",
    }).finally(() => {
      clearTimeout(timer)
      if (isShown && indicator && !add(indicator, "shown", -1)) own(indicator, "setAttribute", "hidden", "")
      if (disables) mark(element, "aria-disabled", -1)
      if (changed.delete(element)) callFrom(element)
    })
    const onError = handlers.get(said("on-error") || "")
    finish(answer, handlers.get(said("on-result") || ""), element, onError && ((message, context, error) => error.kind === "abort" || onError(message, context, error)))
  }

  /**
   * The closest element that waits for an event and may call.
   * @param {Event} event
   * @param {string} type
   * @returns {Element | undefined}
   */
  const callerOf = (event, type) => {
    const { submitter } = /** @type {SubmitEvent} */ (event)
    for (const node of [submitter, ...event.composedPath()]) {
      if (!(node instanceof Element) || attribute(node, "target") === null) continue
      const said = attribute(node, "event") || "click"
      // So that required fields, the Enter key and formnovalidate hold.
      const isLater = said === "click" && submits(node) && node.form
      if (said !== type && !(isLater && type === "submit")) continue
      if (isObeyed(node)) return isLater && type === "click" ? undefined : node
    }
  }

  /**
   * Runs what register_on_submit_statement() wrote, in a form that is really submitted.
   * @param {Event} event
   */
  const onSubmit = event => {
    const { WebForm_OnSubmit: statements } = /** @type {any} */ (window)
    const { target } = event
    const caller = callerOf(event, "submit")
    const isPage = readMarks(target).some(([mark]) => formOf(mark) === target)
    if (caller && hasHandlers(caller, true)) return
    if (isPage && typeof statements === "function" && statements() === false) event.preventDefault()
  }

  /** @type {WeakMap<Element, number>} */
  const delays = new WeakMap()

  /** @param {Event} event */
  const onEvent = event => {
    const { defaultPrevented, type } = event
    const { ctrlKey, metaKey, shiftKey, isComposing, submitter } = /** @type {any} */ (event)
    const ends = type === "compositionend"
    const element = defaultPrevented ? undefined : callerOf(event, ends ? "input" : type)
    if (!element) return
    clearTimeout(delays.get(element))
    if (isComposing) return
    const isLink = own(element, "matches", "a, area")
    // A link that is to be opened elsewhere is.
    if (type === "click" && isLink && (ctrlKey || metaKey || shiftKey)) return
    // The element then does what it would do without scripts.
    if (!hasHandlers(element)) return
    // Without scripts these would post the page back or leave it.
    if (type === "submit" || (type === "click" && (isLink || own(element, "matches", "button, input[type=submit], input[type=image]")))) {
      event.preventDefault()
    }
    const delay = attribute(element, "delay")
    // Some browsers tell the input after the end of its composition.
    if (delay || ends) delays.set(element, setTimeout(callFrom, Number(delay), element, submitter))
    else callFrom(element, submitter)
  }

  /** @type {WeakSet<Node>} */
  const visited = new WeakSet()

  /**
   * Makes the calls of what is there as soon as it is, here and in shadow roots.
   * @param {Node} node
   */
  const watch = node => {
    const isRoot = !(node instanceof Element)
    if (isRoot && visited.has(node)) return
    for (const element of [node, ...own(node, "querySelectorAll", "*")]) {
      const { shadowRoot } = element
      if (shadowRoot instanceof ShadowRoot) watch(shadowRoot)
      if (!(element instanceof Element) || attribute(element, "event") !== "load" || visited.has(element)) continue
      visited.add(element)
      if (isObeyed(element) && hasHandlers(element)) callFrom(element)
    }
    if (!isRoot) return
    visited.add(node)
    if (node !== document) {
      // These do not leave a shadow root.
      for (const type of ["change", "submit"]) node.addEventListener(type, event => event.composed || onEvent(event))
      node.addEventListener("submit", onSubmit, true)
    }
    const observer = new MutationObserver(records => {
      for (const { addedNodes } of records) for (const added of addedNodes) if (added instanceof Element) watch(added)
    })
    observer.observe(node, { childList: true, subtree: true })
  }

  // ---- Start ----------------------------------------------------------------

  for (const type of TYPES) own(document, "addEventListener", type, onEvent)
  for (const type of ["click", "focusin"]) {
    window.addEventListener(type, event => { for (const node of event.composedPath()) if (node instanceof ShadowRoot) watch(node) }, true)
  }
  window.addEventListener("submit", onSubmit, true)
  window.addEventListener("beforeunload", onBeforeUnload)
  window.addEventListener("pagehide", () => leaves++)
  if (own(document, "readyState") === "loading") own(document, "addEventListener", "DOMContentLoaded", () => watch(document))
  else setTimeout(watch, 0, document)

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
 * @typedef {import("./clientcallback.d.ts").CallOptions & {submitter?: HTMLElement | null, isTyped?: boolean}} CallOptions
 * @typedef {{status: number, id: string, fields: Record<string, string[]>, traceback: string, cause: unknown}} Details
 * @typedef {"viewState" | "eventValidation"} TokenName
 * @typedef {Partial<Record<TokenName, string>>} Tokens
 * @typedef {Partial<Record<TokenName, number>>} Writers
 * @typedef {{address: string, timeout: number, isStateful: boolean, csrf?: string, tokens: Tokens, writers: Writers}} Page
 * @typedef {{page: Page, target: string, group: string, options: CallOptions, context: unknown, element: unknown, controller: AbortController, isQueued: boolean, ended: Promise<unknown>, number: number, leaves: number, seen: Writers}} Call
 */
