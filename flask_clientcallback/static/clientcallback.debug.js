// @ts-check
// Debug mode has this script below the other one. It tells the developer, in the
// console, what a page gets wrong in silence.
(() => {
  "use strict"

  const client = /** @type {any} */ (window).ClientCallback
  if (typeof client?.call !== "function" || client.simulate) return

  // ---- Constants, as in protocol/wire.py where they are text -----------------

  const CONTENT_TYPE = "application/vnd.clientcallback+json"
  const MARKER = "X-Client-Callback"
  const TARGET = "__CALLBACKID"
  const STATE = "__VIEWSTATE"
  const VALIDATION = "__EVENTVALIDATION"
  const EVENT_TARGET = "__EVENTTARGET"
  const JOB_TARGET = "__Job"
  const PREFIX = "data-callback-"
  const OF_ELEMENTS = [
    "page", "target", "argument", "on-result", "on-error", "on-progress", "event", "policy", "group",
    "timeout", "delay", "indicator", "disable", "files", "ignore", "value", "output", "error",
    "progress", "confirm",
  ]
  const OPTIONS = ["context", "signal", "timeout", "policy", "group", "form", "files", "element", "onUpload", "onProgress"]
  const POLICIES = ["parallel", "queue", "latest", "drop"]
  const OF_MARKS = ["page", "url", "state", "events", "csrf", "csrf-header", "stateful", "timeout", "limit", "messages"]
  const MARKS = `script, input[name="${STATE}"], input[name="${VALIDATION}"]`
  const PAGES = ":is(script, input)[data-callback-page][data-callback-url]"
  const CONTROLS = ":is(input:not([type=hidden], [type=submit], [type=image], [type=button], [type=reset]), select, textarea)[name]"
  const LIVE = "output, input, select, textarea, [aria-live], [role=status], [role=alert], [role=log], [role=timer], [role=marquee]"
  const OBSERVED = {
    childList: true,
    subtree: true,
    attributeFilter: ["page", "target", "argument", "on-result", "on-error", "on-progress", "output"].map(name => PREFIX + name),
  }
  const REFERENCE = /\b(?:WebForm_DoCallback|__doPostBack)(?=\()/
  const OF_CODE = /^(?:on|href$)/
  const LOOKED_AT = new RegExp(`${OF_CODE.source}|^(?:${PREFIX}|value$)`)
  // What setHTML() and the client script take out of HTML.
  const RUNNING = /<(?:script|i?frame|object|embed|base|use)\b|\bon[a-z]+(?=\s*=)|javascript:/g
  // The script of a part that is put into the page may come after its elements.
  const LOOK_AFTER = 1000
  const LONGEST = 2 ** 31 - 1

  // ---- Warnings -------------------------------------------------------------

  /** @type {Set<string>} */
  const told = new Set()

  /**
   * Tells a thing, once.
   * @param {"info" | "warn"} level
   * @param {string} message
   * @param {unknown[]} things what the console lets the developer look at
   */
  const tell = (level, message, ...things) => {
    if (!told.has(message)) console[level](message, ...things)
    told.add(message)
  }

  /** @type {(message: string, ...things: unknown[]) => void} */
  const warn = (...said) => tell("warn", ...said)

  /**
   * What goes wrong in here must not disturb the page.
   * @template {unknown[]} Values
   * @param {(...values: Values) => void} work
   * @returns {(...values: Values) => void}
   */
  const guarded = work => (...values) => {
    try {
      work(...values)
    } catch (error) {
      console.error(error)
    }
  }

  /**
   * How many letters have to be changed to make one word of another.
   * @type {(word: string, other: string) => number}
   */
  const distance = (word, other) => {
    let above = Array.from({ length: other.length + 1 }, (_, column) => column)
    for (const [row, letter] of Array.from(word).entries()) {
      const line = [row + 1]
      for (let column = 0; column < other.length; column++) {
        const replaced = above[column] + (letter === other[column] ? 0 : 1)
        line.push(Math.min(replaced, above[column + 1] + 1, line[column] + 1))
      }
      above = line
    }
    return above[other.length]
  }

  /** @type {(word: string, words: Iterable<string>, prefix?: string) => string} */
  const suggest = (word, words, prefix = "") => {
    const near = Array.from(words).sort((one, other) => distance(word, one) - distance(word, other))[0]
    return near !== undefined && distance(word, near) < Math.min(3, word.length) ? ` Do you mean ${prefix}${near}?` : ""
  }

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

  /** @type {Set<Document | ShadowRoot>} */
  const roots = new Set([document])

  /** @type {(root: Node, selector: string) => Element[]} */
  const findAll = (root, selector) => Array.from(own(root, "querySelectorAll", selector))

  /** @param {string} selector */
  const all = selector => Array.from(roots).flatMap(root => findAll(root, selector))

  /**
   * Tells whether the element is in what the client script leaves alone.
   * @type {(element: Element) => boolean}
   */
  const isIgnored = element => {
    const root = own(element, "getRootNode")
    return Boolean(own(element, "closest", "[data-callback-ignore]")) || (root instanceof ShadowRoot && isIgnored(root.host))
  }

  /** @type {(element: Element, name: string) => string | null} */
  const read = (element, name) => own(element, "getAttribute", PREFIX + name)

  /**
   * The form of an element, in shadow roots too.
   * @type {(element: Element) => HTMLFormElement | null}
   */
  const formOf = element => {
    const form = element instanceof HTMLFormElement ? element : own(element, "form") || own(element, "closest", "form")
    const root = own(element, "getRootNode")
    return form || (root instanceof ShadowRoot ? formOf(root.host) : null)
  }

  /**
   * The document, and the shadow roots that an element is in.
   * @type {(element: Element) => Node[]}
   */
  const rootsAround = element => {
    const root = own(element, "getRootNode")
    return root instanceof ShadowRoot ? [root, ...rootsAround(root.host)] : [document]
  }

  /** @param {Element} element */
  const describe = element => {
    const id = own(element, "getAttribute", "id")
    return `<${own(element, "localName")}${id ? ` id="${id}"` : ""}>`
  }

  // ---- Attributes -----------------------------------------------------------

  /** @param {Element} element */
  const checkAttributes = element => {
    const known = own(element, "matches", MARKS) ? OF_MARKS : OF_ELEMENTS
    for (const attribute of own(element, "getAttributeNames")) {
      const name = attribute.slice(PREFIX.length)
      if (!attribute.startsWith(PREFIX) || known.includes(name)) continue
      const hint = suggest(name, known, PREFIX) || ` There are ${PREFIX}${known.join(`, ${PREFIX}`)}.`
      warn(`${describe(element)} has ${attribute}, which the client script does not know.${hint}`, element)
    }
  }

  /**
   * The functions that the page registered.
   * @type {Set<string>}
   */
  const functions = new Set()

  /** @param {Element} element */
  const checkFunctions = element => {
    for (const attribute of ["on-result", "on-error", "on-progress"]) {
      const name = read(element, attribute)
      if (name === null || functions.has(name)) continue
      const registering = `register your functions below callback_scripts(), with ClientCallback.register("${name}", ...).`
      warn(`${describe(element)} has ${PREFIX}${attribute}="${name}", and there is no such function: ${registering}${suggest(name, functions)}`, element)
    }
  }

  /** @type {(element: Element, id: string) => Element | null} */
  const findOutput = (element, id) => own(own(element, "getRootNode"), "getElementById", id)

  /** @param {Element} element */
  const checkOutput = element => {
    const id = read(element, "output")
    if (id === null) return
    const place = findOutput(element, id)
    if (!place) warn(`${describe(element)} has ${PREFIX}output="${id}", and there is no such element: nothing will show the result. Write id="${id}" on the element that is to show it, <output> for example.`, element)
    else if (!own(place, "closest", LIVE)) warn(`A screen reader does not say the result that ${describe(place)} shows, as that is no live region. Use <output>, or write role="status" on it. If this is meant, write aria-live="off".`, place)
  }

  /**
   * Tells whether a target is a method of a handler.
   * @param {string | null} target
   */
  const isMethod = target => target !== null && target.includes(".")

  /** @param {Element} element */
  const checkJson = element => {
    const text = read(element, "argument")
    if (text === null || !isMethod(read(element, "target"))) return
    let argument
    try {
      argument = JSON.parse(text)
    } catch {
      // That is what the warning says.
    }
    if (Array.isArray(argument) || (argument && typeof argument === "object" && read(element, "value") === null)) return
    warn(`${describe(element)} has ${PREFIX}argument="${text}": the arguments of a method are a JSON array, such as ["pen"]. Write its attributes with callback_attributes(control, method=..., args=[...]).`, element)
  }

  /**
   * The pages that the document has or had, by their ids.
   * @type {Set<string>}
   */
  const pages = new Set()

  /** @param {Element} mark */
  const addPage = mark => {
    const { origin } = new URL(read(mark, "url") || "", window.origin)
    if (origin === window.origin && !isIgnored(mark)) pages.add(read(mark, "page") || "")
  }

  // ---- References -----------------------------------------------------------

  /**
   * Tells whether more parentheses open than close, outside of texts.
   * @param {string} code
   */
  const isCut = code => {
    const bare = code.replace(/(['"`])(?:\\.|(?!\1)[^\\])*\1/g, "")
    return bare.split("(").length > bare.split(")").length
  }

  /** @param {Element} element */
  const checkReferences = element => {
    for (const attribute of own(element, "getAttributeNames")) {
      const code = own(element, "getAttribute", attribute)
      const [name] = (OF_CODE.test(attribute) && REFERENCE.exec(code)) || []
      if (!name || !isCut(code)) continue
      warn(`${describe(element)} has an ${attribute} that ends within ${name}(): a double quote in the reference ended the attribute. Write the reference with |forceescape in the template.`, element)
    }
  }

  // ---- Forms ----------------------------------------------------------------

  /** Warns of values that no call takes along which is made from outside of a form. */
  const checkFields = () => {
    if (all(`input[name="${STATE}"]`).length) return
    for (const control of all(CONTROLS)) {
      const form = formOf(control)
      if (!form || isIgnored(control) || own(form, "method") === "dialog") continue
      // Search and login go elsewhere.
      const [place, here] = [own(form, "action"), window.location.href].map(url => url.split(/[?#]/)[0])
      if (place !== here) continue
      warn("A call from outside of a form sends no values: the page has a form and no callback_fields(). Put callback_fields() into the form.", form)
      return
    }
  }

  /** @param {Element} element */
  const checkJob = element => {
    if (read(element, "target") !== JOB_TARGET || read(element, "argument")) return
    warn(`${describe(element)} follows a background job and has no id of one. Write its attributes with callback_attributes("${JOB_TARGET}", job.id), where current_page.find_job() gives a job, and leave the element out where that gives None.`, element)
  }

  /** @param {Element} element */
  const checkCall = element => {
    const target = read(element, "target")
    const page = read(element, "page")
    if (target === null) return
    if (target !== JOB_TARGET && !formOf(element)) checkFields()
    if (page !== null && pages.has(page)) return
    const fault = page === null ? `no ${PREFIX}page` : `a ${PREFIX}page that this document does not have`
    warn(`${describe(element)} has ${PREFIX}target="${target}" and ${fault}: it makes no call. Write its attributes with callback_attributes(), each time the page is rendered: not by hand, and not into a part of a template that a cache keeps. A part of another page needs that page's callback_fields().`, element)
  }

  /**
   * What to write, so that a button posts back where no script runs.
   * @param {HTMLButtonElement | HTMLInputElement} button
   */
  const missingOf = button => {
    if (!/^(submit|image)$/.test(button.type)) return 'write type="submit".'
    const { form } = button
    if (!form) return 'put it into a form with method="post" and callback_fields().'
    const hasFields = own(form, "elements").namedItem(STATE)
    const isOwn = own(button, "hasAttribute", "formmethod")
    if ((isOwn ? button.formMethod : own(form, "method")) === "post") {
      if (!hasFields) return "write callback_fields() into its form."
      const encoding = button.formEnctype || own(form, "enctype")
      const leavesFiles = read(button, "files") !== null && encoding !== "multipart/form-data"
      return leavesFiles ? 'write enctype="multipart/form-data" on its form.' : ""
    }
    if (isOwn) return `write formmethod="post" on the button${hasFields ? "." : ", and callback_fields() into its form."}`
    return `write method="post" on its form${hasFields ? "." : ", and callback_fields() into it."}`
  }

  /** @param {Element} element */
  const checkPostBack = element => {
    if (!(element instanceof HTMLButtonElement || element instanceof HTMLInputElement)) return
    if (element.name !== EVENT_TARGET || read(element, "target") === null) return
    const missing = missingOf(element)
    if (missing) warn(`${describe(element)} has postback=true and works with scripts only: ${missing}`, element)
  }

  /** @param {Element} element */
  const checkValue = element => {
    if (!own(element, "matches", ":is(select, textarea)[name][value]:not([value=''])")) return
    const form = formOf(element)
    if (!form || !own(form, "elements").namedItem(STATE)) return
    const [shown, right] =
      element instanceof HTMLSelectElement
        ? [findAll(element, "option[selected]").length, "selected on the <option>"]
        : [own(element, "textContent"), "it between the tags"]
    // callback_field() writes it beside what the template writes.
    if (shown) return
    warn(`${describe(element)} has a value, which only <input> shows: write ${right}.`, element)
  }

  const warnOfAddress = () =>
    warn('A form with callback_fields() was sent and loaded the page anew, with the page\'s state in its address: the form\'s method is get, and nothing prevented it. Write method="post" on the form. Where a call is to take its place, when the Enter key is pressed too, give the form callback_attributes() with event="submit".')

  /**
   * Tells whether the button makes a call when its form is submitted.
   * @param {Element} button
   */
  const callsOnSubmit = button => read(button, "target") !== null && /^(click|submit)$/.test(read(button, "event") || "click") && !isIgnored(button)

  /** @type {(form: HTMLFormElement, submitter: HTMLElement | null) => void} */
  const checkArgument = (form, submitter) => {
    const target = read(form, "target")
    if (target === null || isMethod(target) || read(form, "event") !== "submit") return
    if (read(form, "argument") !== null || (submitter && callsOnSubmit(submitter))) return
    if (/** @type {{value?: unknown} | null} */ (submitter)?.value) return
    warn(`${describe(form)} calls with an empty argument, as the button that submits it has no value. Read the fields from current_page.form, and give argument="" to callback_attributes(); or give another argument; or give the button a value.`, form)
  }

  /** @param {SubmitEvent} event */
  const onSubmit = event => {
    const { target: form, submitter } = event
    if (!(form instanceof HTMLFormElement) || isIgnored(form)) return
    checkArgument(form, submitter)
    const isOwn = submitter && own(submitter, "hasAttribute", "formmethod")
    const method = isOwn ? own(submitter, "formMethod") : own(form, "method")
    if (method !== "get" || !own(form, "elements").namedItem(STATE)) return
    // When all listeners had their turn.
    setTimeout(guarded(() => event.defaultPrevented || warnOfAddress()))
  }

  /**
   * The button that was clicked a moment ago and makes a call.
   * @type {HTMLButtonElement | HTMLInputElement | undefined}
   */
  let pressed

  /** @param {Event} event */
  const onClick = event => {
    for (const node of event.composedPath()) {
      if (!(node instanceof HTMLButtonElement || node instanceof HTMLInputElement)) continue
      if (!/^(submit|image)$/.test(node.type) || node.formNoValidate || !callsOnSubmit(node)) continue
      pressed = node
      // The form is submitted before.
      setTimeout(() => (pressed = undefined))
    }
  }

  /** @param {Event} event */
  const onInvalid = event => {
    if (!pressed || !(event.target instanceof Element) || formOf(event.target) !== pressed.form) return
    warn(`${describe(pressed)} makes its call when its form is valid, and a field is not: nothing was sent. If the call may go without, write formnovalidate on the button.`, event.target)
  }

  // ---- Calls ----------------------------------------------------------------

  /**
   * The form that the call took, which is about to be sent.
   * @type {FormData | undefined}
   */
  let taken

  /** @param {{formData?: FormData}} event clientcallback:before, or formdata */
  const onTake = ({ formData }) => {
    taken = formData
  }

  /**
   * The targets that are called without a form on purpose.
   * @type {Set<string>}
   */
  const formless = new Set()

  /** @param {unknown} body */
  const checkBody = body => {
    if (!(body instanceof URLSearchParams)) return
    const target = body.get(TARGET) || ""
    // No form goes along.
    if (target === JOB_TARGET) return
    if (!taken && !formless.has(target.split(".")[0])) checkFields()
    for (const [name, value] of taken || []) {
      if (typeof value === "string" || !value.name) continue
      warn(`The file in the field "${name}" stays behind: the call of "${target}" goes without files. Write files=True in callback_attributes(), or { files: true } as options of ClientCallback.call().`)
    }
  }

  /** @type {[(options: unknown) => boolean, string][]} */
  const ADVICE = [
    [options => typeof options === "function", ").then(result => ...)"],
    [options => typeof options === "number", ", { timeout: 5000 })"],
    [options => options instanceof Node, ", { element })"],
    [options => options instanceof AbortSignal, ", { signal })"],
    [options => typeof options !== "object" || Array.isArray(options), ', { policy: "latest" })'],
  ]

  /**
   * @param {string} target
   * @param {any} options
   * @param {string} of
   */
  const checkNames = (target, options, of) => {
    const { form, policy } = options
    for (const name of Object.keys(options)) {
      if (OPTIONS.includes(name)) continue
      warn(`${of} has no option ${name}.${suggest(name, OPTIONS) || ` There are ${OPTIONS.join(", ")}.`}`)
    }
    if (policy && !POLICIES.includes(policy)) warn(`There is no policy ${policy}: there are ${POLICIES.join(", ")}.`)
    if (form === null) formless.add(target.split(".")[0])
  }

  /** @type {(target: string, given: unknown) => void} */
  const checkOptions = (target, given) => {
    const options = given ?? {}
    const [, advice] = ADVICE.find(([isGiven]) => isGiven(options)) || []
    const words = typeof options === "string" ? JSON.stringify(options) : typeof options === "function" ? "a function" : String(options)
    if (advice) return warn(`The third argument of ClientCallback.call() is an object of options, and not ${words}. Write ClientCallback.call(target, argument${advice}.`)
    checkNames(target, options, "ClientCallback.call()")
  }

  /**
   * Methods whose options are looked at.
   * @param {string} target
   * @param {any} methods
   * @returns {any}
   */
  const checked = (target, methods) =>
    new Proxy(methods, {
      get(_, name) {
        if (name !== "with") return methods[name]
        return (/** @type {any} */ options) => {
          guarded(checkNames)(target, Object(options), "with()")
          return checked(target, methods.with(options))
        }
      },
    })

  /** @param {string} name */
  const placesOf = name => `[${PREFIX}error="${CSS.escape(name)}"]`

  /**
   * Tells whether the client script has a place for what is wrong with a field.
   * @type {(element: Element, name: string) => boolean}
   */
  const hasPlace = (element, name) => {
    const form = formOf(element)
    const places = rootsAround(element).flatMap(root => findAll(root, placesOf(name)))
    return places.some(place => !isIgnored(place) && (formOf(place) || form) === form)
  }

  /** @type {(element: Element, fields: [string, string[]][]) => void} */
  const checkPlaces = (element, fields) => {
    if (read(element, "on-error") !== null || !own(element, "isConnected")) return
    for (const [name, texts] of fields) {
      if (hasPlace(element, name)) continue
      const isElsewhere = all(placesOf(name)).some(place => formOf(place) && !isIgnored(place))
      const hint = isElsewhere ? " The one in another form does not show it." : ""
      const wrong = `${describe(element)} made a call, and "${name}" is wrong: ${texts.join(" ")}`
      warn(`${wrong} The page does not show this: write callback_error("${name}") beside the field.${hint}`, element)
    }
  }

  /** @type {(target: string, fields: [string, string[]][]) => void} */
  const checkInput = (target, fields) => {
    // The script shows it, or WebForm_DoCallback() does.
    const isShown = fields.every(([name, texts]) => all(placesOf(name)).some(place => own(place, "textContent") === texts.join(" ")))
    const words = fields.map(([name, texts]) => [`${name}:`, ...texts].join(" ")).join(" ")
    // The script may show it in its own way.
    if (!isShown) tell("info", `The call of "${target}" got invalid input. ${words}`)
  }

  /** @param {{detail: any, defaultPrevented: boolean}} event clientcallback:error */
  const checkInvalid = ({ detail: { context, error, target }, defaultPrevented }) => {
    /** @type {[string, string[]][]} */
    const fields = Object.entries(error.fields || {})
    const named = fields.filter(([name]) => name)
    if (defaultPrevented || !named.length) return
    // What attributes call has its element as context.
    if (context instanceof Element && read(context, "target") === target) checkPlaces(context, named)
    else checkInput(target, named)
  }

  /** @param {CustomEvent} event clientcallback:error */
  const onError = event => {
    const { error, target } = event.detail
    if (error.traceback) console.error(error.traceback)
    // When all listeners had their turn, and what shows the error.
    setTimeout(guarded(checkInvalid), 0, event)
    if (target !== JOB_TARGET || error.status !== 410) return
    warn("The server knows no such job for this page. Its end is kept for CLIENTCALLBACK_JOB_KEPT. It is known to the user who started it, at the address where that was. Servers that share no CLIENTCALLBACK_STORE know their own jobs alone.")
  }

  /** @type {(place: Element, result: string) => void} */
  const checkShown = (place, result) => {
    // Text is shown as it is.
    if (own(place, "textContent") === result) return
    const shown = own(place, "innerHTML").toLowerCase()
    const removed = new Set(result.toLowerCase().match(RUNNING)?.filter(word => !shown.includes(word)))
    if (removed.size) warn(`What would run in the HTML that ${describe(place)} shows was removed: ${Array.from(removed).join(", ")}. Write callback_attributes() on its elements, and its scripts into the page.`, place)
  }

  /** @param {CustomEvent} event clientcallback:after */
  const onAfter = ({ detail: { context, result, target } }) => {
    // What attributes call has its element as context.
    if (!(context instanceof Element) || read(context, "target") !== target) return
    const output = read(context, "output")
    const isTaken = output !== null || read(context, "on-result") !== null
    // A listener may show it. A response is no value to show.
    if (!isTaken && result !== null && !(result instanceof Response)) tell("info", `${describe(context)} made a call, and nothing shows its result. Give callback_attributes() an output, or an on_result.`, context)
    // It is shown after this event, perhaps in the place of the element itself.
    const place = output && findOutput(context, output)
    if (place && typeof result === "string") setTimeout(guarded(checkShown), 0, place, result)
  }

  const onConflict = () =>
    warn('Two calls that ran at the same time changed what the page keeps, and one change is lost. The policy "queue" keeps both, as does useAsync false of a reference.')

  // ---- Simulation -----------------------------------------------------------

  /** @type {Record<string, () => Response | Promise<Response>>} */
  const FAILURES = {
    network: () => Promise.reject(new TypeError("A failure of the network is simulated.")),
    // No answer comes: the call ends when its own time is over.
    timeout: () => new Promise(() => {}),
    http: () => new Response("", { status: 502, headers: { "Content-Type": "text/html" } }),
    server: () => {
      const error = { kind: "server", message: "The server could not complete the call.", id: "simulated" }
      return new Response(JSON.stringify({ error }), { status: 500, headers: { "Content-Type": CONTENT_TYPE } })
    },
  }

  /** @type {Simulation} */
  let simulation = {}

  /**
   * Delays the requests of calls that begin from now on, or lets them fail.
   * @param {Simulation} [wanted]
   */
  const simulate = (wanted = {}) => {
    const { latency = 0, failure, share = 1, ...others } = wanted
    for (const name of Object.keys(others)) throw new TypeError(`There is no ${name} to simulate; there are latency, failure and share.`)
    if (typeof latency !== "number" || !(latency >= 0 && latency <= LONGEST)) throw new TypeError(`latency is a number of milliseconds, not ${latency}.`)
    if (failure !== undefined && !Object.hasOwn(FAILURES, failure)) throw new TypeError(`There is no failure ${failure}; there are ${Object.keys(FAILURES).join(", ")}.`)
    if (typeof share !== "number" || !(share >= 0 && share <= 1)) throw new TypeError(`share is a number from 0 to 1, not ${share}.`)
    simulation = { latency, failure, share }
  }

  let due = 0

  /**
   * What becomes of the next request. Which ones fail is no matter of chance, so that a
   * look at it can be repeated.
   * @returns {Simulation | undefined} nothing where it is sent as it is
   */
  const simulateNext = () => {
    const { latency, share = 1 } = simulation
    due += share
    const failure = due < 1 ? undefined : simulation.failure
    due %= 1
    return latency || failure ? { latency, failure } : undefined
  }

  /**
   * Waits, and answers in the place of the server if the request fails.
   * @param {Simulation} simulated
   * @param {Promise<never>} stopped
   * @returns {Promise<Response | undefined>}
   */
  const answerLate = async ({ latency, failure }, stopped) => {
    await Promise.race([stopped, new Promise(resolve => setTimeout(resolve, latency))])
    return failure && Promise.race([stopped, FAILURES[failure]()])
  }

  const { fetch } = window

  /**
   * @param {Parameters<typeof fetch>} values
   * @returns {Promise<Response>}
   */
  const fetchLate = async (...values) => {
    const simulated = simulateNext()
    if (!simulated) return Reflect.apply(fetch, window, values)
    const signal = values[1]?.signal
    /** @type {Promise<never>} */
    const stopped = new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))
    signal?.throwIfAborted()
    return (await answerLate(simulated, stopped)) ?? Reflect.apply(fetch, window, values)
  }

  const { send, setRequestHeader } = XMLHttpRequest.prototype

  /**
   * Requests by which calls send files.
   * @type {WeakSet<XMLHttpRequest>}
   */
  const uploads = new WeakSet()

  /**
   * Sends files.
   * @param {XMLHttpRequest} request
   * @param {any[]} values
   */
  const sendLate = async (request, values) => {
    const simulated = simulateNext()
    if (!simulated) return Reflect.apply(send, request, values)
    const { abort } = request
    /** @type {Promise<never>} */
    const stopped = new Promise((_, reject) => {
      request.abort = () => {
        reject()
        Reflect.apply(abort, request, [])
      }
    })
    /** @type {Response | undefined} */
    let answer
    try {
      answer = await answerLate(simulated, stopped)
    } catch {
      request.dispatchEvent(new ProgressEvent("error"))
      return
    }
    if (!answer) return Reflect.apply(send, request, values)
    const { status, headers } = answer
    const response = await answer.blob()
    const lines = [...headers].map(([name, value]) => `${name}: ${value}`)
    for (const [name, value] of Object.entries({ status, response, responseURL: location.href })) Object.defineProperty(request, name, { value })
    request.getAllResponseHeaders = () => lines.join("\r\n")
    request.dispatchEvent(new ProgressEvent("load"))
  }

  // ---- Start ----------------------------------------------------------------

  const listeners = Object.entries({
    submit: guarded(onSubmit),
    click: guarded(onClick),
    invalid: guarded(onInvalid),
    "clientcallback:before": guarded(onTake),
    "clientcallback:after": guarded(onAfter),
    "clientcallback:error": guarded(onError),
    "clientcallback:conflict": guarded(onConflict),
    formdata: guarded(onTake),
  })

  /** @param {Window | ShadowRoot} root */
  const listen = root => {
    for (const [type, listener] of listeners) root.addEventListener(type, /** @type {EventListener} */ (listener), true)
  }

  const checks = [checkAttributes, checkFunctions, checkOutput, checkJson, checkJob, checkCall, checkPostBack, checkReferences, checkValue].map(guarded)

  /**
   * Looks at the elements of parts of the document.
   * @param {Set<Node>} parts
   * @param {MutationObserver} observer
   */
  const look = (parts, observer) => {
    /** @type {Set<Element>} */
    const elements = new Set()
    for (const root of roots) if (!root.isConnected) roots.delete(root)
    for (const part of parts) {
      if (!own(part, "isConnected")) continue
      if (part instanceof ShadowRoot) {
        roots.add(part)
        listen(part)
        observer.observe(part, OBSERVED)
      }
      for (const element of [part, ...findAll(part, "*")]) {
        if (!(element instanceof Element)) continue
        if (own(element, "getAttributeNames").some((/** @type {string} */ name) => LOOKED_AT.test(name))) elements.add(element)
        const root = own(element, "shadowRoot")
        if (root && !roots.has(root)) parts.add(root)
      }
    }
    all(PAGES).forEach(guarded(addPage))
    for (const element of elements) if (!isIgnored(element)) for (const check of checks) check(element)
    parts.clear()
  }

  /** @type {Set<Node>} */
  const changed = new Set()

  /**
   * @param {MutationRecord[]} records
   * @param {MutationObserver} observer
   */
  const onChange = (records, observer) => {
    const waits = changed.size > 0
    for (const { type, target, addedNodes } of records) {
      for (const node of type === "attributes" ? [target] : addedNodes) if (node instanceof Element) changed.add(node)
    }
    if (!waits && changed.size) setTimeout(guarded(look), LOOK_AFTER, changed, observer)
  }

  const lookAtAll = () => {
    const observer = new MutationObserver(onChange)
    observer.observe(document, OBSERVED)
    look(new Set([document]), observer)
    // A shadow root that came without a change of the document.
    const onReach = (/** @type {Event} */ event) => {
      for (const node of event.composedPath()) if (node instanceof ShadowRoot && !roots.has(node)) look(new Set([node]), observer)
    }
    window.addEventListener("click", guarded(onReach), true)
    if (new URLSearchParams(window.location.search).has(STATE)) warnOfAddress()
  }

  // When all that waits for the page had its turn.
  const start = () => setTimeout(guarded(lookAtAll))

  const { call, page: ofPage, register, target: ofTarget } = client
  Object.assign(client, {
    /** @param {any[]} values */
    call: (...values) => {
      guarded(checkOptions)(values[0], values[2])
      return call(...values)
    },
    page: checked("__Page", ofPage),
    /** @param {any[]} values */
    register: (...values) => {
      register(...values)
      functions.add(values[0])
    },
    simulate,
    /** @param {string} id */
    target: id => checked(id, ofTarget(id)),
  })

  window.fetch = (...values) => {
    const { headers, body } = Object(values[1])
    if (!(headers instanceof Headers && headers.has(MARKER))) return Reflect.apply(fetch, window, values)
    guarded(checkBody)(body)
    return fetchLate(...values)
  }
  Object.assign(XMLHttpRequest.prototype, {
    /**
     * @this {XMLHttpRequest}
     * @param {string} name
     * @param {string} value
     */
    setRequestHeader(name, value) {
      if (name.toLowerCase() === MARKER.toLowerCase()) uploads.add(this)
      Reflect.apply(setRequestHeader, this, [name, value])
    },
    /**
     * @this {XMLHttpRequest}
     * @param {any[]} values
     */
    send(...values) {
      if (!uploads.has(this)) return Reflect.apply(send, this, values)
      guarded(checkBody)(values[0])
      void sendLate(this, values)
    },
  })

  listen(window)
  all(PAGES).forEach(guarded(addPage))
  if (own(document, "readyState") === "complete") start()
  else window.addEventListener("load", start)
})()

/**
 * @typedef {import("./clientcallback.d.ts").Simulation} Simulation
 */
