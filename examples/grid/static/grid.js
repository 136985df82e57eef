"use strict"

// A button's callback brings the whole table anew, as the template of the page wrote
// it at first.
ClientCallback.register("showGrid", ({ id, table, message }, used) => {
  const grid = document.getElementById(id)
  const hadFocus = grid.contains(document.activeElement)
  grid.innerHTML = table
  if (hadFocus) grid.querySelector(`button[value="${CSS.escape(used.value)}"]`).focus()
  document.getElementById(`${id}-message`).textContent = message
  document.getElementById(`${id}-failure`).textContent = ""
})

ClientCallback.register("showGridFailure", (message, used) => {
  const [id] = used.value.split("$")
  document.getElementById(`${id}-failure`).textContent = message
})
