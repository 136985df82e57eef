import "./clientcallback.js"

export const { ClientCallback } = globalThis
export const { CallbackError, call, register } = ClientCallback
