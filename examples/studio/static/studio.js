"use strict"

const $ = id => document.getElementById(id)

// ---- The gallery -------------------------------------------------------------

// A screen reader hears one sentence in the place of the whole gallery.
const tell = () => {
  $("told").textContent = $("summary").textContent
}

ClientCallback.register("tell", tell)

ClientCallback.register("uploaded", () => {
  $("upload").reset()
  $("text").value = ""
  showPreview()
  tell()
})

const showPreview = () => {
  URL.revokeObjectURL($("preview").src)
  const [file] = $("picture").files
  $("preview").hidden = !file
  $("chosen").textContent = file ? `${file.name}, ${Math.ceil(file.size / 1000)} kB` : "Choose a picture"
  if (file) $("preview").src = URL.createObjectURL(file)
}

$("picture").addEventListener("change", showPreview)

// ---- The darkroom: a slow call that can be cancelled ---------------------------

let developing

$("film").addEventListener("submit", async event => {
  event.preventDefault()
  if (developing) return
  developing = new AbortController()
  showDeveloping("Developing…")
  try {
    // It changes no state: the calls of the page need not wait for it.
    const { signal } = developing
    const film = ClientCallback.page.with({ signal, policy: "parallel", element: $("develop") })
    $("developed").value = await film.develop()
  } catch (error) {
    $("developed").value = error.kind === "abort" ? "Cancelled." : error.message
  } finally {
    developing = undefined
    showDeveloping()
  }
})

const showDeveloping = text => {
  if (text) $("developed").value = text
  if (document.activeElement === $("cancel")) $("develop").focus()
  $("develop").ariaDisabled = developing ? "true" : null
  $("cancel").hidden = $("developing").hidden = !developing
}

$("cancel").addEventListener("click", () => developing?.abort())
