"use strict"

ClientCallback.register("showRating", ({ id, stars, text }) => {
  document.getElementById(`${id}$stars`).value = stars
  document.getElementById(`${id}-text`).value = text
})
