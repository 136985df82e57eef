"use strict"

const SEARCH_DELAY = 150

const $ = id => document.getElementById(id)

const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties)
  element.append(...children)
  return element
}

// ---- Places: a country's subdivisions --------------------------------------

const optionsByType = places => {
  const groups = new Map()
  for (const { code, name, type } of places) {
    if (!groups.has(type)) groups.set(type, make("optgroup", { label: type }))
    groups.get(type).append(make("option", { value: code }, name))
  }
  return [...groups.values()]
}

const showSubdivisions = (hint, places = []) => {
  $("subdivision").replaceChildren(make("option", { value: "" }, hint), ...optionsByType(places))
  $("subdivision").disabled = $("show").disabled = !places.length
}

$("country").addEventListener("change", async event => {
  const { value } = event.target
  try {
    const places = value
      ? await ClientCallback.call("subdivisions", value, { policy: "latest", group: "subdivisions" })
      : []
    const hint = places.length ? `Choose one of ${places.length}` : "It has none"
    showSubdivisions(value ? hint : "Choose a country first", places)
    clearFailure()
  } catch (error) {
    // A newer choice has taken over: its answer is the one to show.
    if (error.kind === "abort") return
    showSubdivisions("Choose a country first")
    showFailure(error.message, event.target)
  }
})

// ---- Places: a look-up ------------------------------------------------------

// The page's template defines lookUp(code, context). Its context, the element
// that asked, comes back here and never leaves the browser.

// With the arrow keys each place on the way is chosen for a moment: the button says
// which one is meant.
$("show").addEventListener("click", () => {
  if ($("subdivision").value) lookUp($("subdivision").value, $("subdivision"))
  else showFailure("Choose a subdivision first.", $("subdivision"))
})

$("places").addEventListener("submit", event => {
  event.preventDefault()
  lookUp($("code").value, $("code"))
})

document.addEventListener("click", event => {
  const button = event.target.closest("button[data-code]")
  if (button) lookUp(button.dataset.code, button)
})

function showDetails({ place, recent }, element) {
  clearFailure()
  // Whoever is elsewhere by now stays there: in some browsers select() moves the focus.
  if (element === $("code") && document.activeElement === element) element.select()
  const terms = [
    ["Code", place.code],
    ["Type", place.type],
    ["Part of", place.parent_code && lookUpButton(place.parent_code, place.parent_name)],
    ["Country", place.country_name],
    ["Official name", place.official_name !== place.country_name && place.official_name],
    ["Country codes", [place.alpha_2, place.alpha_3, place.numeric].join(" · ")],
  ]
  $("details").replaceChildren(
    make("h3", {}, place.name),
    make("dl", {}, ...terms.filter(term => term[1]).map(toTerm)),
  )
  $("details").hidden = false
  $("recent-list").replaceChildren(...recent.map(([code, name]) => make("li", {}, lookUpButton(code, name))))
  $("recent").hidden = false
  // The button that asked may be replaced by now: its successor takes the focus.
  const lost = !element.isConnected && document.activeElement === document.body
  if (lost) $("recent-list").querySelector("button").focus()
}

const toTerm = ([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))

const lookUpButton = (code, name) => {
  const button = make("button", { type: "button" }, name)
  button.dataset.code = code
  return button
}

function showFailure(message, element) {
  clearFailure()
  $("failure").textContent = message
  // What is shown is not what was asked for. The button that asked may stand in it.
  if ($("details").contains(document.activeElement)) $("code").focus()
  $("details").hidden = true
  if (element.matches("input, select")) element.setAttribute("aria-invalid", "true")
}

const clearFailure = () => {
  $("failure").textContent = ""
  for (const element of document.querySelectorAll("[aria-invalid]")) element.removeAttribute("aria-invalid")
}

// ---- Languages: a search as you type ----------------------------------------

let waiting

const search = async () => {
  clearTimeout(waiting)
  const text = $("text").value.trim()
  try {
    showLanguages(
      text,
      await ClientCallback.call("__Page", text, { policy: "latest", group: "search", form: $("languages") }),
    )
  } catch (error) {
    if (error.kind === "abort") return
    $("found").textContent = error.message
    $("language-list").replaceChildren()
  }
}

const showLanguages = (text, { total, languages }) => {
  const count = total === 1 ? "1 language" : `${total.toLocaleString("en")} languages`
  const shown = total > languages.length ? `${count}, the first ${languages.length} of them:` : count
  $("found").textContent = text ? shown : "Results appear as you type."
  $("language-list").replaceChildren(...languages.map(toRow))
}

const toRow = ({ code, kind, name }) =>
  make(
    "li",
    {},
    make("span", {}, name),
    ...(kind === "living" ? [] : [make("small", {}, kind)]),
    make("code", {}, code),
  )

$("text").addEventListener("input", () => {
  clearTimeout(waiting)
  waiting = setTimeout(search, SEARCH_DELAY)
})

$("dead").addEventListener("change", search)

$("languages").addEventListener("submit", event => {
  event.preventDefault()
  search()
})
