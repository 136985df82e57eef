// A clock that a test moves. It goes on with the machine's until it is told to pause.
(() => {
  const name = Symbol.for("tests.engine")
  if (!window[name]) Object.defineProperty(window, name, { value: {} })
  const state = window[name]
  if (state.clock) return
  const native = { Date, setTimeout, setInterval, clearTimeout, now: performance.now.bind(performance) }
  const nativeNow = native.now
  let now = native.Date.now()
  const began = now
  const elapsedBefore = nativeNow()
  let lastId = 1_000_000
  const timers = new Map()
  const add = (callback, delay, values, every) => {
    const wait = Math.max(0, Number(delay) || 0)
    timers.set(++lastId, { at: now + wait, every: every ? Math.max(1, wait) : 0, callback, values, id: lastId })
    return lastId
  }
  const remove = id => { if (!timers.delete(Number(id))) native.clearTimeout.call(window, id) }
  const nextUntil = end => {
    let found
    for (const timer of timers.values()) {
      if (timer.at <= end && (!found || timer.at < found.at)) found = timer
    }
    return found
  }
  const fire = timer => {
    now = Math.max(now, timer.at)
    if (timer.every) timer.at = now + timer.every
    else timers.delete(timer.id)
    try { timer.callback.apply(window, timer.values) } catch (error) { reportError(error) }
  }
  const pass = () => new Promise(resolve => native.setTimeout.call(window, resolve, 0))
  let running = Promise.resolve()
  const moveTo = end => {
    running = running.then(async () => {
      const until = end()
      for (let timer; (timer = nextUntil(until));) {
        fire(timer)
        // What a timer began goes on before the next one.
        await pass()
      }
      now = Math.max(now, until)
    })
    return running
  }
  let last = nativeNow()
  let pump
  const follow = () => {
    const passed = nativeNow() - last
    last += passed
    moveTo(() => now + passed)
  }
  pump = native.setInterval.call(window, follow, 10)
  window.Date = new Proxy(native.Date, {
    apply: () => new native.Date(now).toString(),
    construct: (target, values, of) => Reflect.construct(target, values.length ? values : [Math.floor(now)], of),
    get: (target, name) => name === "now" ? () => Math.floor(now) : Reflect.get(target, name),
  })
  window.setTimeout = (callback, delay, ...values) => add(callback, delay, values, false)
  window.setInterval = (callback, delay, ...values) => add(callback, delay, values, true)
  window.clearTimeout = window.clearInterval = remove
  window.requestAnimationFrame = callback => add(() => callback(performance.now()), 16, [], false)
  window.cancelAnimationFrame = remove
  performance.now = () => elapsedBefore + now - began
  state.clock = {
    run: milliseconds => moveTo(() => now + milliseconds),
    pause: async time => {
      native.clearTimeout.call(window, pump)
      // Timers that are over by then run; the others wait.
      await moveTo(() => Math.max(now, time))
    },
  }
})()
