// @ts-check
(() => {
  "use strict"

  // As a script and as a module, it is one.
  if (/** @type {any} */ (window).ClientCallback?.call instanceof Function) return

  // ---- Constants, as in protocol/wire.py where they are text -----------------

  const CONTENT_TYPE = "application/vnd.clientcallback+json"
  const MARKER = "X-Client-Callback"
  const TARGET = "__CALLBACKID"
  const ARGUMENT = "__CALLBACKPARAM"
  const STATE = "__VIEWSTATE"
  const VALIDATION = "__EVENTVALIDATION"
  const EVENT_TARGET = "__EVENTTARGET"
  const EVENT_ARGUMENT = "__EVENTARGUMENT"
  const JOB_TARGET = "__Job"
  const TIMEOUT = 30000
  const LIMIT = 2 ** 20
  const INDICATE_AFTER = 200
  const LEAVE_WITHIN = 5000
  const REVOKE_AFTER = 60000
  const RETRIES = 6
  const RETRY_AFTER = 1000
  const TYPES = ["click", "submit", "change", "input", "keydown", "keyup", "focusin", "focusout", "compositionend"]

  // ---- Errors ---------------------------------------------------------------

  /** What a call that has no result ends in. */
  class CallbackError extends Error {
    /**
     * @param {Kind} kind
     * @param {string} message
     * @param {number} [status]
     * @param {Partial<Details>} [details]
     */
    constructor(kind, message, status = 0, details) {
      super(message)
      Object.assign(this, details, { name: "CallbackError", kind, status })
    }
  }

  /** @param {string} reason */
  const aborted = reason => new CallbackError("abort", `The call was ${reason}.`)

  /**
   * Whether the page itself gave a call up, and not somebody else its work.
   * @param {any} error
   */
  const isOwn = error => error.kind === "abort" && !error.status

  /**
   * What users are told where the server tells nothing, unless the page words it.
   * @type {Record<string, string>}
   */
  const messages = {
    network: "The server cannot be reached.",
    timeout: "The server did not answer in time.",
    parse: "The answer has no result.",
    stale_link: "Reload",
    auth_link: "Log in",
  }

  /**
   * @param {Kind} kind
   * @param {number} [status]
   * @param {unknown} [cause]
   * @param {string} [message] where there is none above
   */
  const failed = (kind, status, cause, message = "") => new CallbackError(kind, messages[kind] || message, status, { cause })

  // ---- Elements -------------------------------------------------------------

  /**
   * An object that finds its members when somebody asks for them.
   * @param {(name: string) => unknown} find
   * @returns {any}
   */
  const lookUp = find => new Proxy({}, { get: (plain, name) => find(/** @type {string} */ (name)) })

  /** @param {unknown} value */
  const classOf = value => Object.prototype.toString.call(value)

  /**
   * Reads the members of a form and of a document where their classes have them: what
   * the fields of the one and the images of the other are named hides their own.
   * @param {Node | null | undefined} node
   * @returns {any}
   */
  const own = node =>
    /Form|Document/.test(classOf(node))
      ? lookUp(name => {
          const member = Reflect.get(Object.getPrototypeOf(node), name, node)
          return member?.bind?.(node) ?? member
        })
      : node

  /**
   * What an element tells this script, by the names of its attributes. A document tells
   * nothing, nor does no element.
   * @param {Element | null | undefined} element
   * @returns {Record<string, string | undefined>}
   */
  const said = element => lookUp(name => own(element)?.getAttribute?.(`data-callback-${name}`) ?? undefined)

  /**
   * A node and all that it is in, from the inside out, through shadow roots.
   * @param {unknown} node
   * @returns {Node[]}
   */
  const pathOf = node => {
    const path = []
    for (; node instanceof Node; node = own(node).parentNode || own(node).host) path.push(node)
    return path
  }

  /**
   * The closest element on or around a node.
   * @param {unknown} node
   * @param {string} selector
   * @returns {any}
   */
  const closest = (node, selector) => pathOf(node).find(at => own(at).matches?.(selector))

  /**
   * Whether a node is part of what others wrote.
   * @param {Element} element
   */
  const isIgnored = element => closest(element, "[data-callback-ignore]")

  /**
   * What a selector finds in the document and in the shadow roots around a node, but for
   * what others wrote.
   * @param {unknown} node
   * @param {string} selector
   * @returns {any[]}
   */
  const findAround = (node, selector) => {
    const roots = new Set([document, ...pathOf(node).filter(at => !own(at).parentNode)])
    return [...roots].flatMap(root => [...own(root).querySelectorAll(selector)]).filter(element => !isIgnored(element))
  }

  /**
   * Those of some elements that stand in the closest node around another that holds any.
   * @param {unknown} node
   * @param {Element[]} others
   */
  const nearest = (node, others) => pathOf(node).map(at => others.filter(other => own(at).contains(other))).find(held => held[0]) || others

  /**
   * @param {any} element
   * @returns {HTMLFormElement | undefined}
   */
  const formOf = element => (element?.form instanceof HTMLFormElement ? element.form : closest(element, "form"))

  /**
   * The form that a button submits.
   * @param {any} button
   */
  const submittedBy = button =>
    (button instanceof HTMLButtonElement || button instanceof HTMLInputElement) && /^(submit|image)$/.test(button.type) && button.form

  /**
   * @param {unknown} element
   * @param {string} name
   * @param {boolean} isSo
   */
  const say = (element, name, isSo) => {
    if (element instanceof Element) own(element)[isSo ? "setAttribute" : "removeAttribute"](name, "true")
  }

  // ---- Events ---------------------------------------------------------------

  /**
   * @param {string} name
   * @param {Call} call
   * @param {object} [detail]
   */
  const dispatch = (name, { caller: element, options: { context }, target }, detail) =>
    own(own(element)?.isConnected ? element : document).dispatchEvent(
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
   * @type {Map<string | undefined, Page>}
   */
  const pages = new Map()

  /**
   * The CSRF token, which is the user's and good for all pages.
   * @type {string | undefined}
   */
  let csrf

  /** The header that it goes along in. */
  let csrfHeader = "X-CSRFToken"

  /**
   * Finds a page, or gets to know it.
   * @param {Element} mark
   * @returns {Page | undefined}
   */
  const pageOfMark = mark => {
    const id = said(mark).page
    const known = pages.get(id)
    if (known) return known
    const url = said(mark).url || ""
    // An address of another origin, in any spelling, begins in another way.
    if (!id || !/^\/(?![/\\])/.test(url)) return
    /** @type {Page} */
    const page = {
      address: window.origin + url,
      timeout: said(mark).timeout || TIMEOUT,
      limit: said(mark).limit || LIMIT,
      isStateful: false,
      tokens: {},
      // Which call was the last to change each token: calls are numbered as they are sent.
      writers: {},
    }
    pages.set(id, page)
    return page
  }

  /**
   * Brings pages and their marks up to each other: the tokens come from the marks,
   * until an answer has brought others. Gives all marks, in the document and in the
   * shadow roots around a node.
   * @param {unknown} [node]
   */
  const readMarks = node => {
    const marks = findAround(node, ":is(script,input)[data-callback-url]").filter(pageOfMark)
    for (const mark of marks) {
      const page = /** @type {Page} */ (pageOfMark(mark))
      if (mark instanceof HTMLScriptElement) {
        csrf = said(mark).csrf || csrf
        csrfHeader = said(mark)["csrf-header"] || csrfHeader
        Object.assign(messages, JSON.parse(said(mark).messages || "null"))
      }
      for (const [name, field, key] of TOKENS) {
        const isField = mark.name === field
        const token = isField ? mark.value : said(mark)[key]
        if (token && !(name in page.writers)) {
          page.tokens[name] = token
          if (name === "viewState") page.isStateful = said(mark).stateful !== undefined
        } else if (isField) mark.value = page.tokens[name] || ""
      }
    }
    return marks
  }

  /**
   * The page that a call is about.
   * @param {unknown} element
   * @param {HTMLFormElement | null} [form]
   * @returns {Page}
   */
  const pageOf = (element, form) => {
    const marks = readMarks(element)
    /** @type {any[]} */
    const held = marks.length ? marks.map(pageOfMark) : [...pages.values()]
    const named = closest(element, "[data-callback-page]")
    const around = form || formOf(element)
    // Where the address bar and the server write it in different ways, it is the same.
    const here = unescape(location.href.replace(/\??(#.*)?$/, ""))
    const last = held.filter(page => unescape(page.address) === here).pop()
    const found = named
      ? pages.get(said(named).page)
      : (around && held[marks.map(formOf).indexOf(around)]) ||
        (held.every(page => page === held[0]) ? held[0] : nearest(element, marks).map(pageOfMark).includes(last) && last)
    if (found) return found
    throw new TypeError("Which page? Use callback_page() or element.")
  }

  /**
   * The form of the element, or else the first of the page.
   * @param {Page} page
   * @param {unknown} element
   */
  const pageForm = (page, element) => {
    const forms = readMarks(element).filter(mark => formOf(mark) && pageOfMark(mark) === page).map(formOf)
    const form = formOf(element)
    return forms.includes(form) ? form : forms[0]
  }

  /**
   * @param {Tokens & {renewed?: string[], stateful?: boolean}} answer
   * @param {Call} call
   */
  const writeTokens = (answer, call) => {
    const { renewed = [], stateful } = answer
    const { page, number, seen } = call
    let isConflict = false
    for (const [name] of TOKENS) {
      /** @type {any} */
      const writer = page.writers[name]
      const isChanged = writer !== seen[name]
      const isRenewed = renewed.includes(name)
      // What was only signed anew must not undo a change.
      if (!answer[name] || (isRenewed && isChanged)) continue
      isConflict ||= isChanged
      if (writer > number) continue
      page.writers[name] = isRenewed ? writer : number
      page.tokens[name] = answer[name]
      if (name === "viewState") page.isStateful = stateful
      readMarks(call.caller)
    }
    if (!isConflict) return
    console.warn("Two calls changed the state.")
    dispatch("conflict", call)
  }

  // Firefox and WebKit end a page's requests when it begins to be left. Whether it is,
  // is known later: a download begins in the same way.
  let leaving = Promise.resolve()
  const onBeforeUnload = () => {
    leaving = new Promise(resolve => setTimeout(resolve, LEAVE_WITHIN))
  }

  // Whether it is left. It may come back, out of the browser's cache.
  let isLeft = false

  // ---- Request --------------------------------------------------------------

  /** @returns {string | undefined} */
  const csrfToken = () =>
    findAround(null, "meta[name=csrf-token]")[0]?.content || findAround(null, "input[name=csrf_token]")[0]?.value || csrf

  /**
   * What raise_callback_event gets.
   * @param {unknown} argument
   */
  const asText = argument => {
    const given = argument ?? ""
    if (/string|boolean|bigint/.test(typeof given) || Number.isFinite(given)) return String(given)
    throw new TypeError("The argument is text: use JSON.stringify.")
  }

  /**
   * What a method gets: JSON, and the files by the places or names of their parameters.
   * What JSON would lose in silence is refused.
   * @param {any} given
   * @returns {Packed}
   */
  const pack = (given = []) => {
    if (!/ (Array|Object)]/.test(classOf(given))) throw new TypeError("The arguments are an array or object.")
    /** @type {any[]} */
    const files = []
    /** @type {[string, unknown][]} */
    const entries = []
    for (let [name, value] of Object.entries(given)) {
      if (value instanceof FileList) value = value[0] && [...value]
      const values = [value].flat()
      if (values[0] && values.every(item => item instanceof Blob)) files.push(...values.map(file => [name, file]))
      // What is undefined is not given, so that a parameter has its default.
      else if (value !== undefined) entries.push([name, value])
    }
    const isComplete = Array.isArray(given) && entries.length === given.length
    const json = JSON.stringify(isComplete ? given : Object.fromEntries(entries), function (key, value) {
      // An invalid Date is null by now.
      const name = classOf(value ?? this[key])
      if (/ (Array|Object|String|Boolean|Null)]/.test(name) || Number.isFinite(value) || (value === undefined && !Array.isArray(this))) return value
      throw new TypeError(`JSON would lose ${name}.`)
    })
    return [json, files]
  }

  /**
   * @param {Call} call
   * @param {Packed} packed
   */
  const buildBody = ({ page, target, options, caller: element, ownForm, submitter }, [json, files]) => {
    const { viewState, eventValidation } = page.tokens
    const form = ownForm === undefined ? pageForm(page, element) : ownForm
    const button = /** @type {any} */ (submitter || element)
    const data = new FormData(form || undefined, submittedBy(button) === form ? button : null)
    const body = options.files || files.length ? new FormData() : new URLSearchParams()
    for (const [name, value] of data) if (options.files || typeof value === "string") body.append(name, /** @type {any} */ (value))
    for (const [name, file] of files) body.append(`${ARGUMENT}.${name}`, /** @type {any} */ (file))
    let total = 0
    for (const [, { size = 0 }] of /** @type {any} */ (body)) total += size
    // The server would break the connection, or let all of it come first.
    if (total > page.limit) throw new CallbackError("rejected", messages.too_large || `More than ${(page.limit / 1e6).toFixed(1)} MB cannot be sent.`, 413)
    body.set(TARGET, target)
    body.set(ARGUMENT, json)
    body.set(STATE, viewState || "")
    // That of another page's fields in the form is none of this one's.
    body.delete(VALIDATION)
    if (eventValidation) body.set(VALIDATION, eventValidation)
    // A callback is no post-back event, whatever button makes it.
    body.delete(EVENT_TARGET)
    body.delete(EVENT_ARGUMENT)
    return body
  }

  // ---- Response -------------------------------------------------------------

  /**
   * Waits for what the network brings, but not longer than for the call: a browser may
   * never tell that it gave up.
   * @template Value
   * @param {Call} call
   * @param {Promise<Value>} promise
   * @returns {Promise<Value>}
   */
  const received = ({ stopped }, promise) =>
    Promise.race([
      stopped.then(error => {
        throw error
      }),
      promise.catch(async cause => {
        await leaving
        throw failed("network", 0, cause)
      }),
    ])

  /**
   * @param {string} target
   * @param {number} status
   * @param {Call} call
   */
  const redirect = (target, status, call) => {
    let cause
    try {
      const url = new URL(target, call.page.address)
      target = url.href
      if (dispatch("redirect", call, { url: target })) {
        // The cause that nothing follows it.
        if (url.origin !== window.origin) throw url
        location.assign(url)
        // To another fragment of the same document a browser only scrolls, at once.
        if (url.hash && location.href === target) setTimeout(() => location.reload())
      }
    } catch (error) {
      cause = error
    }
    return failed("redirect", status, cause, `The server redirects to ${target}`)
  }

  /**
   * Saves the body of an answer as a file, under the name that the answer gives.
   * @param {Response} response
   * @param {string} [name]
   */
  const save = async (response, name) => {
    // Nothing is found in null, which is what there is without the header.
    const header = /** @type {string} */ (response.headers.get("Content-Disposition"))
    // The last is filename*, where there is one.
    let [, star, , plain = ""] = /.*filename(\*?)=(?:utf-8'.*?')?("?)((?:\\.|[^"])*?)\2 *(;|$)/i.exec(header) || []
    try {
      plain = star ? decodeURIComponent(plain) : plain.replace(/\\(.)/g, "$1")
    } catch {
      // What is in another charset stays as it is.
    }
    const link = own(document).createElement("a")
    link.href = URL.createObjectURL(await response.blob())
    link.download = name || plain
    link.click()
    setTimeout(URL.revokeObjectURL, REVOKE_AFTER, link.href)
  }

  /**
   * Tells a part of the work. A function that throws is an uncaught exception of its own.
   * @param {Call} call
   * @param {string} text JSON
   */
  const tell = ({ options: { context, onProgress } }, text) =>
    new Promise(() => onProgress?.(JSON.parse(text).progress, context)).catch(window.reportError)

  /**
   * Reads an answer in lines: the parts of the work, which may take minutes, and what came
   * of it. An empty line says that it goes on.
   * @param {any} response
   * @param {Call} call
   * @param {() => void} startTimer
   * @returns {Promise<string>}
   */
  const readLines = async ({ body }, call, startTimer) => {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    /** @type {any} */
    let rest = ""
    // Nobody waits for it any more.
    call.end()
    for (;;) {
      const { value } = await received(call, reader.read())
      // However a connection ends, only the last line says that all of it came.
      if (!value) throw failed("network")
      const lines = (rest + value).split("\n")
      rest = lines.pop()
      for (const line of lines) {
        startTimer()
        // {"progress": ...}
        if (line[2] === "p") tell(call, line)
        else if (line) return line
      }
    }
  }

  /**
   * Reads an answer. Nothing but a marked success is a result, or a job that will have
   * one.
   * @param {Response} response
   * @param {Call} call
   * @param {() => void} startTimer
   * @returns {Promise<Answer>}
   */
  const readResponse = async (response, call, startTimer) => {
    const { status, headers } = response
    // What was asked for there was not the call.
    if (response.redirected) throw redirect(response.url, 0, call)
    const isOther = headers.get(MARKER) === "response"
    if (isOther && response.ok) {
      if (call.isByAttributes && /^attachment/i.test(/** @type {string} */ (headers.get("Content-Disposition")))) {
        clearTimeout(call.timer)
        await received(call, save(response))
      }
      return { result: response }
    }
    const type = isOther ? "a response" : headers.get("Content-Type") || "nothing"
    if (!/^application\/vnd\.clientcallback\+(nd)?json/.test(type)) {
      const kind = status === 401 ? "auth" : status === 500 ? "server" : "http"
      throw failed(kind, status, undefined, `The server answered ${status} with ${type}.`)
    }
    const text = await (type.includes("+nd") ? readLines(response, call, startTimer) : received(call, response.text()))
    let answer
    let cause
    try {
      answer = JSON.parse(text)
    } catch (error) {
      cause = error
    }
    if (answer?.redirect) throw redirect(answer.redirect, status, call)
    if (answer?.error) {
      const { kind, message, status: told = status } = answer.error
      throw new CallbackError(kind, message, told, answer.error)
    }
    if (status !== 200 || (answer?.job || answer?.result) === undefined) {
      throw failed("parse", status, cause)
    }
    writeTokens(answer, call)
    call.isHtml = answer.html
    return answer
  }

  // ---- Calls ----------------------------------------------------------------

  let calls = 0

  /**
   * Sends files as fetch() does, and tells how much of them is sent, which fetch() cannot.
   * @param {string} url
   * @param {{headers: Headers, body: FormData | URLSearchParams, signal: AbortSignal}} init
   * @param {(sent: number, total: number) => void} onUpload
   * @param {() => void} startTimer
   * @returns {Promise<Response>}
   */
  const upload = (url, { headers, body, signal }, onUpload, startTimer) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.open("POST", url)
      for (const header of headers) request.setRequestHeader(...header)
      request.responseType = "blob"
      request.onprogress = startTimer
      request.upload.onprogress = event => {
        startTimer()
        onUpload(event.loaded, event.total)
      }
      request.onload = () => {
        const { response: blob, status } = request
        /** @type {any[]} */
        const lines = [...request.getAllResponseHeaders().matchAll(/(.+?): (.*)/g)]
        const response = new Response(blob.size || status === 200 ? blob : null, { status, headers: lines.map(([, ...line]) => line) })
        // It may lead to a page that asks for a login, so that the call's page does too.
        resolve(Object.defineProperty(response, "redirected", { value: request.responseURL !== new URL(url).href }))
      }
      request.onerror = reject
      signal.onabort = () => request.abort()
      request.send(body)
    })

  /** What ends a call, or its requests, and what tells that. */
  const makeEnds = () => {
    const controller = new AbortController()
    /** @type {any} */
    let end
    const ended = new Promise(resolve => (end = resolve))
    /** @type {any} */
    let leave
    const stopped = new Promise(resolve => (leave = resolve))
    /** @param {Error} error */
    const stop = error => {
      leave(error)
      controller.abort(error)
    }
    return { controller, end, ended, leave, stop, stopped }
  }

  /**
   * Sends a call, and asks for the job that it has become until that is over.
   * @param {Call} call
   * @param {Packed} packed
   * @param {Headers} headers
   * @param {string} [order] for the job
   * @returns {Promise<{result?: unknown, response: Response}>}
   */
  const exchange = async (call, packed, headers, order = "") => {
    const { options, controller, page } = call
    const { onUpload } = options
    // That of an attribute is text, which serves as well.
    const timeout = /** @type {any} */ (options.timeout ?? page.timeout)
    // A handler of progress may have given the call up.
    const startTimer = () => {
      controller.signal.throwIfAborted()
      clearTimeout(call.timer)
      call.timer = timeout < 2 ** 31 && setTimeout(() => call.stop(failed("timeout")), timeout)
    }
    let tries = 0
    let told = "null"
    for (;;) {
      startTimer()
      call.number = ++calls
      call.seen = { ...page.writers }
      const { jobId } = call
      const body = jobId ? buildBody({ ...call, target: JOB_TARGET, options: {}, ownForm: null }, [JSON.stringify(jobId + order), []]) : buildBody(call, packed)
      const init = { headers, method: "POST", body, signal: controller.signal }
      const answer =
        onUpload && body instanceof FormData
          ? upload(page.address, init, onUpload, startTimer)
          : fetch(page.address, init)
      // Nobody hears of it, whether it gets there or not.
      if (isLeft && !jobId) call.leave(aborted("left behind"))
      let after
      let response
      try {
        response = await received(call, answer)
        const { result, job } = await readResponse(response, call, startTimer)
        if (!job) return { result, response }
        // Nobody waits for it any more.
        call.end()
        call.jobId = job.id
        after = job.after
        tries = 0
        // Each part once, and none before the first.
        const part = JSON.stringify(job.progress)
        if (part !== told) tell(call, JSON.stringify(job))
        told = part
      } catch (caught) {
        /** @type {any} */
        const error = caught
        const { kind, status } = error
        /** @type {any} */
        const wait = response?.headers.get("Retry-After")
        // Seconds, or a date.
        if (wait) error.retryAfter = isNaN(wait) ? (Date.parse(wait) - Date.now()) / 1000 : +wait
        // A server may be about to start again, and to ask changes nothing.
        if (!jobId || tries === RETRIES || !/network|http50[234]/.test(kind + status)) throw error
        after = RETRY_AFTER * 2 ** tries++
      }
      clearTimeout(call.timer)
      await received(call, new Promise(resolve => setTimeout(resolve, after)))
    }
  }

  /**
   * @param {Call} call
   * @param {Packed} packed
   */
  const send = async (call, packed) => {
    const { options, controller } = call
    const headers = new Headers({ [MARKER]: "1" })
    try {
      controller.signal.throwIfAborted()
      if (options.onProgress) headers.set("Accept", "application/vnd.clientcallback+ndjson")
      const token = csrfToken()
      if (token) headers.set(csrfHeader, token)
      if (!dispatch("before", call, { headers })) throw aborted("cancelled")
      if (call.target === JOB_TARGET) call.jobId = JSON.parse(packed[0])
      const answer = await exchange(call, packed, headers)
      dispatch("after", call, answer)
      return answer.result
    } catch (error) {
      // Who gives the call up wants the work to end, wherever it is done.
      if (call.jobId && isOwn(error)) {
        exchange({ ...call, ...makeEnds() }, packed, headers, " cancel").catch(
          failure => failure.kind === "abort" || console.error(failure),
        )
      }
      call.failure = dispatch("error", call, { error }) && error
      throw error
    } finally {
      clearTimeout(call.timer)
    }
  }

  /**
   * The calls that run or wait, in the order in which they were made.
   * @type {Set<Call>}
   */
  const running = new Set()

  /** @param {unknown} element */
  const sayBusy = element => say(element, "aria-busy", [...running].some(call => call.caller === element))

  /**
   * Calls a handler of a page.
   * @param {string} target
   * @param {unknown} [argument]
   * @param {CallOptions} [options]
   * @param {any} [call] what is known of it, and what becomes known
   * @returns {Promise<any>}
   */
  const makeCall = async (target, argument, options, call = {}) => {
    options ||= {}
    const { policy, signal, form } = options
    const line = options.group || ""
    if (policy && !/^(parallel|queue|latest|drop)$/.test(policy)) throw new TypeError(`There is no policy ${policy}.`)
    /** @type {Packed} */
    const packed = target.includes(".") ? pack(argument) : [JSON.stringify(asText(argument)), []]
    const element = options.element || eventTarget()
    const page = pageOf(options.element || form || element, form)
    // What a page keeps must not get lost.
    const isQueued = policy ? policy === "queue" : page.isStateful
    // What it waits for may take the element out of its form.
    Object.assign(call, { page, target, options, ownForm: form === undefined ? formOf(element) : form, caller: element, line, isQueued }, makeEnds())
    /** @param {Call} other */
    const isInLine = other => other.page === page && other.line === line
    const onAbort = () => signal?.aborted && call.stop(aborted("aborted"))
    onAbort()
    signal?.addEventListener("abort", onAbort)
    for (const other of running) {
      if (!isInLine(other) || !(line || other.target === target)) continue
      if (policy === "drop") call.stop(aborted("dropped"))
      if (policy === "latest" || (isQueued && call.isTyped && other.isTyped && other.caller === element)) other.stop(aborted("replaced"))
    }
    running.add(call)
    sayBusy(element)
    let result
    try {
      for (const other of running) {
        if (other === call || !isQueued) break
        if (!isInLine(other) || !other.isQueued) continue
        await Promise.race([call.stopped, other.ended])
        readMarks(element)
      }
      return (result = await send(call, packed))
    } finally {
      running.delete(call)
      call.end()
      sayBusy(element)
      // A body may still be on its way.
      if (!(result instanceof Response)) signal?.removeEventListener("abort", onAbort)
    }
  }

  // ---- Methods --------------------------------------------------------------

  /**
   * An object whose methods call those of a handler.
   * @param {string} id
   * @param {CallOptions} [options]
   * @returns {any}
   */
  const methodsOf = (id, options) =>
    new Proxy(/** @type {any} */ ({}), {
      get(plain, name) {
        // As with any object, so that it can be printed and awaited.
        if (name in plain) return plain[name]
        if (name === "with") return (/** @type {CallOptions} */ more) => methodsOf(id, { ...options, ...more })
        if (typeof name === "string" && !/^(then$|toJSON$|_)/.test(name)) return (/** @type {unknown[]} */ ...values) => makeCall(`${id}.${name}`, values, options)
      },
    })

  // ---- Results and errors in the page ---------------------------------------

  /**
   * Takes out of HTML what setHTML() does: whatever would run.
   * @param {DocumentFragment} fragment
   */
  const clean = fragment => {
    for (const node of own(fragment).querySelectorAll("*")) {
      if (own(node).matches("script,iframe,frame,object,embed,base,use,[attributeName$=href]")) own(node).remove()
      for (const name of own(node).getAttributeNames()) {
        if (/^on/i.test(name) || /^javascript:/i.test(own(node).getAttribute(name).replace(/[\0- ]/g, ""))) own(node).removeAttribute(name)
      }
      if (node instanceof HTMLTemplateElement) clean(node.content)
    }
  }

  /**
   * What HTML goes through in a browser that has Trusted Types and no setHTML().
   * @type {any}
   */
  let trusted

  /**
   * Shows a result. What had the focus in the same place has it again.
   * @param {any} place
   * @param {any} result
   * @param {boolean} [isHtml]
   */
  const showResult = (place, result, isHtml) => {
    const root = own(place).getRootNode()
    const active = own(root).activeElement
    const hasFocus = () => own(place).contains(own(root).activeElement)
    const hadFocus = own(place).contains(active)
    if (!isHtml) {
      const name = own(place).matches("input,select,textarea") ? "value" : "textContent"
      place[name] = Object(result) === result ? JSON.stringify(result) : result ?? ""
      // Chrome 112 to 118 have another setHTML(), of an older draft.
    } else if (/** @type {any} */ (Document).parseHTML) own(place).setHTML(result, { sanitizer: {} })
    else {
      trusted ||= /** @type {any} */ (window).trustedTypes?.createPolicy("clientcallback", { createHTML: String })
      const html = "<template>" + result
      const { content } = /** @type {any} */ (new DOMParser().parseFromString(trusted?.createHTML(html) || html, "text/html").querySelector("template"))
      clean(content)
      own(place).replaceChildren(content)
    }
    if (!hadFocus) return
    own(root).getElementById(active.id)?.focus()
    if (hasFocus()) return
    // This writes the attribute, unless it is there.
    place.tabIndex += 0
    own(place).focus()
  }

  /**
   * Takes away the errors that are shown in a form, or in the page outside of forms, and
   * shows another. Tells whether all of it is shown, or a listener did that.
   * @param {Partial<Call>} call
   */
  const showError = ({ caller: element, ownForm: form, failure: error }) => {
    /** @param {string} selector */
    const find = selector =>
      findAround(element, selector).filter(found => (formOf(found) || form) === form || (!form && said(found).error === ""))
    /** @param {any} name */
    const controlsOf = name => find(`[name="${CSS.escape(name)}"]:not([type=hidden],[name=""])`)
    const places = find("[data-callback-error]")
    for (const place of places) {
      place.textContent = ""
      for (const control of controlsOf(said(place).error)) say(control, "aria-invalid", false)
    }
    if (!error) return error === false
    // The browser goes there, unless something prevents it.
    if (error.kind === "redirect") return !error.cause
    const firsts = Object.entries({ ...error.fields, "": [error.message] }).map(([name, texts]) => {
      const near = nearest(element, places.filter(place => said(place).error === name))
      for (const place of near) {
        place.textContent = texts.join(" ")
        const text = messages[`${error.kind}_link`]
        if (name || !text) continue
        const link = own(document).createElement("a")
        // Without a fragment, to which the browser would only scroll.
        link.href = location.href.replace(/\??(#.*)?$/, "")
        link.textContent = text
        place.append(" ", link)
      }
      if (near[0]) for (const control of nearest(element, controlsOf(name))) say(control, "aria-invalid", true)
      return near[0]
    })
    // Whose call was made by typing goes on typing.
    if (error.fields && /^(submit)?$/.test(said(element).event || "")) find("[aria-invalid=true]")[0]?.focus()
    return firsts.pop() || (firsts[0] && firsts.every(Boolean))
  }

  /**
   * Ends a call: shows its error, or takes away the one before, and runs a function.
   * @param {Promise<unknown>} answer
   * @param {Partial<Call>} call
   * @param {((result: any, context: any) => void) | null} [onResult]
   * @param {unknown} [context]
   * @param {((message: string, context: any, error: CallbackError) => void) | null} [onError]
   */
  const finish = (answer, call, onResult, context, onError) =>
    answer
      .then(
        result => {
          showError(call)
          onResult?.(result, context)
        },
        error => {
          // That a call was given up, its page wanted.
          const isShown = isOwn(error) || showError(call)
          if (call.isByAttributes && isOwn(error)) return
          if (onError) onError(error.message, context, error)
          else if (!isShown) console.error(error)
        },
      )
      // A handler that throws is an uncaught exception of its own.
      .catch(window.reportError)

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
    /** @type {Partial<Call>} */
    const call = {}
    finish(makeCall(target, argument, { context, policy: useAsync ? "parallel" : "queue" }, call), call, onResult, context, onError)
  }

  /**
   * Fills the form's hidden field, or one that is made for the moment; gives what
   * undoes it.
   * @param {HTMLFormElement} form
   * @param {string} name
   * @param {string} value
   * @returns {() => void}
   */
  const fill = (form, name, value) => {
    const found = own(form).querySelector(`input[name="${name}"][type=hidden]`)
    const field = found || own(document).createElement("input")
    field.type = "hidden"
    field.name = name
    field.value = value
    if (!found) own(form).append(field)
    return () => (found ? (field.value = "") : field.remove())
  }

  /**
   * Posts the page back, as its own submit would.
   * @param {string} target
   * @param {string} argument
   */
  const doPostBack = (target, argument) => {
    const element = eventTarget()
    const form = pageForm(pageOf(element), element)
    if (!form) return console.error("No form has callback_fields().")
    const undoTarget = fill(form, EVENT_TARGET, target)
    const undoArgument = fill(form, EVENT_ARGUMENT, argument)
    if (own(form).dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }))) own(form).submit()
    // The next submit need not be an event.
    undoTarget()
    undoArgument()
  }

  // ---- Data attributes ------------------------------------------------------

  /** @type {Map<string | undefined, (...values: any[]) => void>} */
  const handlers = new Map()

  /**
   * The names of the functions that get its result, its error and its progress.
   * @param {Element} element
   */
  const functionsOf = element => ["on-result", "on-error", "on-progress"].map(name => said(element)[name])

  /**
   * Names a function for data-callback-on-result and the like.
   * @param {string} name
   * @param {(...values: any[]) => void} handler
   */
  const register = (name, handler) => {
    if (typeof handler !== "function") throw new TypeError(`There is no function ${name}.`)
    handlers.set(name, handler)
  }

  /**
   * @param {Element} element
   * @param {boolean} [isSilent]
   */
  const hasHandlers = (element, isSilent) => {
    const missing = functionsOf(element).filter(name => name !== undefined && !handlers.has(name))
    if (missing.length && !isSilent) console.error(`There is no function ${missing}.`)
    return !missing.length
  }

  /**
   * Whether an element may call: what others wrote cannot know the page's id.
   * @param {Element} element
   */
  const isObeyed = element => !isIgnored(element) && (pages.has(said(element).page) || (readMarks(element) && pages.has(said(element).page)))

  /**
   * The elements that were changed while their call ran.
   * @type {WeakSet<Element>}
   */
  const changed = new WeakSet()

  /**
   * What a method gets of an element.
   * @param {any} source
   */
  const valueOf = source =>
    source.type === "checkbox"
      ? source.checked
      : source.type === "select-multiple"
        ? [...source.selectedOptions].map(option => option.value)
        : source.files || source.value

  /**
   * @param {Element} element
   * @param {HTMLElement | null} [submitter]
   */
  const callFrom = (element, submitter) => {
    const { target = "", event, argument, value, policy, group, timeout, files, disable, confirm, indicator, output, progress } = said(element)
    const disables = disable !== undefined
    // Said, not set: a disabled element would lose the focus and its value.
    if (disables && own(element).matches("[aria-disabled=true]")) {
      if (/change|input/.test(/** @type {string} */ (event))) changed.add(element)
      return
    }
    if (confirm && !window.confirm(confirm)) return
    // A form has the value of the button that submits it.
    const source = /** @type {any} */ (element instanceof HTMLFormElement ? submitter || {} : element)
    let given = argument ?? (Array.isArray(source.value) ? JSON.stringify(source.value) : source.value)
    if (target.includes(".")) {
      given = JSON.parse(argument || "[]")
      if (value !== undefined) given.push(valueOf(source))
    }
    const root = own(element).getRootNode()
    /** @param {string} [id] */
    const find = id => id && own(root).getElementById?.(id)
    const bar = find(progress)
    const shown = [find(indicator), bar]
    if (disables) say(element, "aria-disabled", true)
    const [onResult, onError, onProgress] = functionsOf(element).map(name => handlers.get(name))
    /** @type {Partial<Call>} */
    const call = { submitter, isTyped: event === "input" && !policy, isByAttributes: true }
    const timer = setTimeout(() => {
      call.shown = shown
      for (const it of shown) say(it, "hidden", false)
    }, INDICATE_AFTER)
    /** @type {CallOptions} */
    const options = { element, context: element, policy: /** @type {any} */ (policy), group, timeout: /** @type {any} */ (timeout || undefined), files: files !== undefined }
    if (bar) {
      say(bar, "value", false)
      options.onUpload = (sent, total) => {
        bar.value = sent / total
      }
    }
    if (bar || onProgress) {
      options.onProgress = part => {
        const share = part?.value ?? part
        if (bar && Number.isFinite(share)) bar.value = share
        onProgress?.(part, element)
      }
    }
    const answer = makeCall(target, given, options, call)
    finish(
      answer,
      call,
      result => {
        const place = find(output)
        if (place) result instanceof Response || showResult(place, result, call.isHtml)
        else if (output) console.error(`There is no element ${output}.`)
        onResult?.(result, element)
      },
      element,
      onError,
    ).finally(() => {
      clearTimeout(timer)
      // Another call may show it too.
      for (const it of shown) say(it, "hidden", ![...running].some(other => other.shown?.includes(it)))
      if (disables) say(element, "aria-disabled", false)
      if (changed.delete(element)) callFrom(element)
    })
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
      if (!(node instanceof Element) || said(node).target === undefined) continue
      const awaited = said(node).event || "click"
      // So that required fields, the Enter key and formnovalidate hold.
      const isLater = awaited === "click" && submittedBy(node)
      if (awaited !== type && !(isLater && type === "submit")) continue
      if (isObeyed(node)) return isLater && type === "click" ? undefined : node
    }
  }

  /**
   * Runs what register_on_submit_statement() wrote, in a form that is really submitted.
   * @param {Event} event
   */
  const onSubmit = event => {
    const [target] = event.composedPath()
    const caller = callerOf(event, "submit")
    if (caller && hasHandlers(caller, true)) return
    // This fills the fields too.
    const isPage = readMarks(target).some(mark => formOf(mark) === target)
    if (isPage && /** @type {any} */ (window).WebForm_OnSubmit?.() === false) event.preventDefault()
  }

  /** @type {WeakSet<Node>} */
  const visited = new WeakSet()

  /**
   * Makes the calls of what is there as soon as it is, here and in shadow roots, and
   * hears what does not leave these.
   * @param {Node} node
   * @param {(event: Event) => void} listener
   */
  const watch = (node, listener) => {
    const isRoot = !(node instanceof Element)
    if (isRoot && visited.has(node)) return
    for (const element of [node, ...own(node).querySelectorAll("*")]) {
      if (element.shadowRoot) watch(element.shadowRoot, listener)
      if (said(element).event !== "load" || visited.has(element)) continue
      visited.add(element)
      if (isObeyed(element) && hasHandlers(element)) callFrom(element)
    }
    if (!isRoot) return
    visited.add(node)
    if (node !== document) {
      node.addEventListener("change", event => event.composed || listener(event))
      // Whatever it says of being composed, it stays inside.
      node.addEventListener("submit", onSubmit, true)
      node.addEventListener("submit", listener)
    }
    const observer = new MutationObserver(records => {
      for (const { addedNodes } of records) for (const element of addedNodes) if (element instanceof Element) watch(element, listener)
    })
    observer.observe(node, { childList: true, subtree: true })
  }

  /** @type {WeakMap<Element, number>} */
  const delays = new WeakMap()

  /** @param {any} event */
  const onEvent = event => {
    const { type, submitter } = event
    for (const node of event.composedPath()) if (node instanceof ShadowRoot) watch(node, onEvent)
    const ends = type === "compositionend"
    const element = event.defaultPrevented ? undefined : callerOf(event, ends ? "input" : type)
    if (!element) return
    clearTimeout(delays.get(element))
    if (event.isComposing) return
    const isLink = type === "click" && own(element).matches("a,area")
    // A link that is to be opened elsewhere is.
    if (isLink && (event.ctrlKey || event.metaKey || event.shiftKey)) return
    // The element then does what it would do without scripts.
    if (!hasHandlers(element)) return
    // Without scripts these would post the page back or leave it.
    if (isLink || type === "submit") event.preventDefault()
    /** @type {any} */
    const delay = said(element).delay
    // Some browsers tell the input after the end of its composition.
    if (delay || ends) delays.set(element, setTimeout(callFrom, delay, element, submitter))
    else callFrom(element, submitter)
  }

  // ---- Start ----------------------------------------------------------------

  for (const type of TYPES) own(document).addEventListener(type, onEvent)
  addEventListener("submit", onSubmit, true)
  addEventListener("beforeunload", onBeforeUnload)
  addEventListener("pagehide", () => {
    isLeft = true
    for (const call of running) if (!call.jobId) call.stop(aborted("left behind"))
  })
  addEventListener("pageshow", () => (isLeft = false))
  if (own(document).readyState === "loading") addEventListener("DOMContentLoaded", () => watch(document, onEvent))
  else setTimeout(watch, 0, document, onEvent)

  Object.assign(window, {
    ClientCallback: {
      CallbackError,
      call: makeCall,
      page: methodsOf("__Page"),
      register,
      save,
      /** @param {string} id */
      target: id => methodsOf(id),
    },
    WebForm_DoCallback: doCallback,
    // The form is read when a call is sent, so there is nothing to prepare.
    WebForm_InitCallback() {},
    __doCallback: doCallback,
    __doPostBack: doPostBack,
  })
})()

/**
 * @typedef {import("./clientcallback.d.ts").CallbackErrorKind} Kind
 * @typedef {import("./clientcallback.d.ts").CallOptions} CallOptions
 * @typedef {[string, [string, Blob][]]} Packed
 * @typedef {{status: number, id: string, fields: Record<string, string[]>, traceback: string, cause: unknown}} Details
 * @typedef {"viewState" | "eventValidation"} TokenName
 * @typedef {Partial<Record<TokenName, string>>} Tokens
 * @typedef {Partial<Record<TokenName, number>>} Writers
 * @typedef {{result?: unknown, job?: {id: string, progress: unknown, after: number}}} Answer
 * @typedef {{address: string, timeout: string | number, limit: any, isStateful?: boolean, tokens: Tokens, writers: Writers}} Page
 * @typedef {{page: Page, target: string, options: CallOptions, caller: any, ownForm?: HTMLFormElement | null, line: string, submitter?: HTMLElement | null, isTyped?: boolean, isHtml?: boolean, failure?: any, shown?: unknown[], controller: AbortController, isQueued: boolean, isByAttributes?: boolean, timer?: any, end: () => void, ended: Promise<unknown>, stopped: Promise<Error>, leave: (error: Error) => void, stop: (error: Error) => void, number: number, seen: Writers, jobId?: string}} Call
 */
