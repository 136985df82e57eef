"use strict"

const $ = id => document.getElementById(id)

// The buttons that cancel hide with what they cancel: who was there goes on beside them.
const BESIDE = { "stop-import": "import", stop: "build" }
let last

addEventListener("focusin", event => {
  last = event.target.id
})

const ended = () => {
  const { activeElement, body } = document
  // Some browsers leave the focus for a moment where nobody sees it.
  if ((activeElement === body || activeElement.hidden) && last in BESIDE) $(BESIDE[last]).focus()
}

// When the call that has ended has hidden them.
ClientCallback.register("ended", () => setTimeout(ended))

ClientCallback.register("month", ({ text }) => {
  $("month").textContent = `${text} …`
})

const tell = text => {
  $("month").textContent = text
  setTimeout(ended)
}

ClientCallback.register("built", () => tell("The report is complete."))
// What went wrong stands where all errors do.
ClientCallback.register("not-built", () => tell(""))
