import "./clientcallback.js"

export const { ClientCallback } = globalThis
export const { CallbackError, call, page, register, save, target } = ClientCallback
export default ClientCallback
