// Finds elements as a test names them, and tells what a user could do with them.
(() => {
  const squeeze = text => text.replace(/[\u200b\u00ad]/g, "").replace(/\s+/g, " ").trim()
  const matches = (text, { text: wanted, flags, exact }) => {
    if (flags !== undefined) return new RegExp(wanted, flags).test(text)
    return exact ? squeeze(text) === squeeze(wanted)
      : squeeze(text).toLowerCase().includes(squeeze(wanted).toLowerCase())
  }
  // What a form or an image is called may be the name of one of these methods.
  const kinds = [Document, DocumentFragment, Element]
  const all = (root, css) => kinds.find(kind => root instanceof kind).prototype.querySelectorAll.call(root, css)
  const is = (element, css) => Element.prototype.matches.call(element, css)
  const near = (element, css) => Element.prototype.closest.call(element, css)
  const get = (element, name) => Element.prototype.getAttribute.call(element, name)
  // All below a root, in open shadow trees too.
  const roots = root => [
    root,
    ...[...all(root, "*")].flatMap(one => one.shadowRoot ? roots(one.shadowRoot) : []),
  ]
  const below = (root, css) => {
    const trees = roots(root)
    if (root.shadowRoot) trees.push(...roots(root.shadowRoot))
    return trees.flatMap(tree => [...all(tree, css)])
  }
  const ROLES = {
    alert: "[role=alert]",
    article: "article",
    button: "button, input[type=button], input[type=submit], input[type=reset], input[type=image], summary",
    cell: "td",
    checkbox: "input[type=checkbox]",
    columnheader: "thead th, th[scope=col]",
    combobox: "select:not([multiple])",
    dialog: "dialog",
    group: "fieldset, details, optgroup",
    heading: "h1, h2, h3, h4, h5, h6",
    link: "a[href]",
    list: "ul, ol, menu",
    listbox: "select[multiple]",
    listitem: "li",
    navigation: "nav",
    option: "option",
    progressbar: "progress",
    radio: "input[type=radio]",
    row: "tr",
    rowheader: "th[scope=row]",
    searchbox: "input[type=search]",
    spinbutton: "input[type=number]",
    status: "output",
    table: "table",
    textbox: "input:not([type]), input[type=text], input[type=email], textarea",
  }
  const labelled = element => (get(element, "aria-labelledby") ?? "").split(/\s+/).filter(Boolean)
    .map(id => element.getRootNode().getElementById(id)?.textContent ?? "").join(" ")
  const nameOf = element => {
    const given = labelled(element) || get(element, "aria-label")
    if (given) return given
    if (element.labels?.length) return [...element.labels].map(one => one.textContent).join(" ")
    if (element.localName === "fieldset") return element.querySelector(":scope > legend")?.textContent ?? ""
    if (element.localName === "table") return element.caption?.textContent ?? ""
    if (element.localName === "input") return element.value || element.alt || element.title || "Submit"
    if (is(element, "ul, ol, nav, details, dialog")) return element.title
    return spoken(element) || element.title
  }
  const spoken = element => [...element.childNodes].map(node => {
    if (node.nodeType === Node.TEXT_NODE) return node.data
    if (node.nodeType !== Node.ELEMENT_NODE || get(node, "aria-hidden") === "true") return ""
    if (node.localName === "img") return node.alt
    return get(node, "aria-label") ?? (isRendered(node) ? spoken(node) : "")
  }).join("")
  const isRendered = element => !element.checkVisibility || element.checkVisibility({ visibilityProperty: true })
  const isHidden = element => near(element, "[aria-hidden=true]") !== null || !isRendered(element)
  const textOf = element => is(element, "input[type=button], input[type=submit]") ? element.value : element.textContent
  const visible = element => {
    if (!element.isConnected || !isRendered(element)) return false
    const box = element.getBoundingClientRect()
    return box.width > 0 && box.height > 0
  }
  const finders = {
    css: (root, { css }) => {
      const found = below(root, css)
      const parts = css.split(/(?<![>+~,]) +(?![>+~,])/)
      if (found.length || parts.length < 2 || /[,"']/.test(css)) return found
      // From a tree into a shadow tree below it.
      return parts.reduce((roots, part) => [...new Set(roots.flatMap(one => below(one, part)))], [root])
    },
    role: (root, { role, name, pressed }) => below(root, "*").filter(element => {
      const own = get(element, "role")
      const has = own ? own === role : ROLES[role] !== undefined && is(element, ROLES[role])
      const isSo = pressed === null || get(element, "aria-pressed") === `${pressed}`
      return has && isSo && !isHidden(element) && (!name || matches(nameOf(element), name))
    }),
    text: (root, wanted) => [...root instanceof Element ? [root] : [], ...below(root, "*")].filter(element =>
      !is(element, "script, style, noscript, head, head *, template") && matches(textOf(element), wanted)
      && ![...element.children].some(child => !is(child, "script, style, noscript") && matches(textOf(child), wanted))),
    label: (root, wanted) => below(root, "*").filter(element => {
      const labels = [...element.labels ?? []].map(one => one.textContent)
      const names = [...labels, get(element, "aria-label") ?? "", labelled(element)]
      return names.some(name => name && matches(name, wanted))
    }),
  }
  const find = steps => {
    let found = [document]
    for (const { kind, ...rest } of steps) {
      if (kind === "nth") {
        const index = rest.index < 0 ? found.length + rest.index : rest.index
        found = found.slice(index, index + 1)
      } else if (kind === "filter") {
        const { text, seen } = rest
        found = found.filter(element =>
          (!text || matches(element.textContent, text)) && (seen === null || visible(element) === seen))
      } else {
        const these = found.flatMap(root => finders[kind](root, rest))
        found = [...new Set(these)]
      }
    }
    return found
  }
  const one = steps => {
    const found = find(steps)
    if (found.length > 1) throw new Error(`strict mode violation: ${found.length} elements: ${found.slice(0, 5).map(element => element.outerHTML.slice(0, 100)).join(", ")}`)
    return found[0]
  }
  const disabled = element => is(element, ":disabled") || near(element, "[aria-disabled=true]") !== null
  const focused = element => element.getRootNode().activeElement === element
  const controlOf = element => {
    if (is(element, "input, textarea, select, [contenteditable]")) return element
    return near(element, "label")?.control ?? element
  }
  const wait = reason => ({ wait: reason })
  // A user does nothing with a page that is not there yet.
  const isLoading = () => Reflect.get(Document.prototype, "readyState", document) === "loading"
  // Without its styles it is laid out in another way.
  const isStyled = () => Reflect.get(Document.prototype, "readyState", document) === "complete"
    || [...all(document, "link[rel~=stylesheet]")].every(one => one.sheet || one.disabled)
  // Where no script runs, nothing stops that.
  const leads = element => near(element, "a[href]:not([href^='#'])") !== null
    || near(element, "form") !== null && near(element, "button:not([type]), [type=submit], [type=image]") !== null
  const act = (steps, work) => isLoading() ? wait("the page is being loaded") : with_(steps, work)
  const with_ = (steps, work) => {
    const element = one(steps)
    return element ? work(element) : wait("there is no such element")
  }
  const state = (element, attribute) => ({
    visible: visible(element),
    disabled: disabled(element),
    focused: focused(element),
    checked: element.checked ?? get(element, "aria-checked") === "true",
    text: element.textContent,
    inner: element.innerText ?? element.textContent,
    value: element.value ?? null,
    attribute: attribute ? get(element, attribute) : null,
    id: element.id,
  })
  const deepest = (x, y) => {
    let found = document.elementFromPoint(x, y)
    while (found?.shadowRoot) {
      const inner = found.shadowRoot.elementFromPoint(x, y)
      if (!inner || inner === found) break
      found = inner
    }
    return found
  }
  const parent = node => node.assignedSlot ?? node.parentNode ?? node.host
  const within = (node, element) => {
    for (let at = node; at; at = parent(at)) if (at === element) return true
    return false
  }
  const tell = (element, ...names) => {
    for (const name of names) element.dispatchEvent(new Event(name, { bubbles: true, composed: name === "input" }))
  }
  return {
    find, one, with_, state, wait,
    texts: ({ steps }) => find(steps).map(element => element.textContent),
    count: ({ steps }) => find(steps).length,
    states: ({ steps, attribute }) => find(steps).map(element => state(element, attribute)),
    read: ({ steps, attribute }) => with_(steps, element => ({ value: state(element, attribute) })),
    html: ({ steps }) => with_(steps, element => ({ value: element.innerHTML })),
    box: ({ steps }) => with_(steps, element => {
      const { x, y, width, height } = element.getBoundingClientRect()
      return { value: { x, y, width, height } }
    }),
    // Where a pointer is to go, once the element can be hit there.
    point: ({ steps, force, hover, position }) => act(steps, element => {
      if (!force && !visible(element)) return wait("it is not visible")
      if (!force && !hover && disabled(element)) return wait("it is disabled")
      if (!isStyled()) return wait("a style sheet comes")
      element.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" })
      const boxes = [...element.getClientRects()].filter(box => box.width > 0 && box.height > 0)
      const box = boxes[0] ?? element.getBoundingClientRect()
      const left = Math.max(0, box.left), right = Math.min(innerWidth, box.right)
      const top = Math.max(0, box.top), bottom = Math.min(innerHeight, box.bottom)
      const x = position ? box.left + position.x : Math.floor((left + right) / 2)
      const y = position ? box.top + position.y : Math.floor((top + bottom) / 2)
      if ([...document.images].some(image => image.src.startsWith("blob:") && !image.complete)) return wait("a picture comes")
      const hit = deepest(x, y)
      const label = hit && hit.closest?.("label")
      const isArea = hit?.localName === "area" && element.localName === "img"
      if (!force && !(hit && (isArea || within(hit, element) || (label && label.control === element)))) {
        return wait(`${hit?.outerHTML.slice(0, 100)} lies above it`)
      }
      return { value: { x, y, checked: controlOf(element).checked ?? null, leads: leads(element) } }
    }),
    focus: ({ steps }) => act(steps, element => {
      element.focus()
      return { value: null }
    }),
    fill: ({ steps, text }) => act(steps, found => {
      const element = controlOf(found)
      if (!visible(element)) return wait("it is not visible")
      if (disabled(element)) return wait("it is disabled")
      if (element.readOnly) return wait("it is read only")
      element.focus()
      if (/^(color|date|time|datetime-local|month|range|week)$/.test(element.type)) {
        element.value = text
        tell(element, "input", "change")
        return { value: null }
      }
      if (element.select) element.select()
      else getSelection().selectAllChildren(element)
      if (text) document.execCommand("insertText", false, text)
      else if (element.value ?? element.textContent) document.execCommand("delete")
      if ((element.value ?? text).replace(/\r\n?/g, "\n") !== text.replace(/\r\n?/g, "\n")) {
        element.value = text
        tell(element, "input")
      }
      return { value: null }
    }),
    select: ({ steps, values }) => act(steps, found => {
      const element = controlOf(found)
      if (!visible(element)) return wait("it is not visible")
      if (disabled(element)) return wait("it is disabled")
      const options = [...element.options]
      const chosen = values.map(value =>
        options.find(option => option.value === value) ?? options.find(option => squeeze(option.label) === squeeze(value)))
      if (chosen.includes(undefined)) return wait("it has no such option")
      element.focus()
      if (element.multiple) for (const option of options) option.selected = chosen.includes(option)
      else if (chosen.length) chosen[0].selected = true
      else element.selectedIndex = -1
      tell(element, "input", "change")
      return { value: chosen.map(option => option.value) }
    }),
    files: ({ steps, files }) => act(steps, found => {
      const element = controlOf(found)
      const chosen = new DataTransfer()
      for (const { name, type, content } of files) {
        const bytes = Uint8Array.from(atob(content), character => character.charCodeAt(0))
        chosen.items.add(new File([bytes], name, { type }))
      }
      element.files = chosen.files
      tell(element, "input", "change")
      return { value: null }
    }),
    dispatch: ({ steps, name, values }) => act(steps, element => {
      const Kind = /^(click|dblclick|mouse)/.test(name) ? MouseEvent : /^key/.test(name) ? KeyboardEvent
        : /^(focus|blur)/.test(name) ? FocusEvent : Event
      element.dispatchEvent(new Kind(name, { bubbles: true, cancelable: true, composed: true, ...values }))
      return { value: null }
    }),
  }
})()
