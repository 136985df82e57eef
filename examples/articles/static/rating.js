"use strict"

ClientCallback.register("showRating", ({ id, stars, text }, chosen) => {
  document.getElementById(`${id}$stars`).value = stars
  const rating = document.getElementById(id)
  rating.querySelector("output").value = text
  for (const button of rating.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", button === chosen)
  }
})
