"use strict"

document.querySelector("form").addEventListener("submit", async event => {
  event.preventDefault()
  const { text, answer } = event.target.elements
  answer.value = await ClientCallback.call("__Page", text.value)
})
