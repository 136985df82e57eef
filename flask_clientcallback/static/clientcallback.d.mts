export * from "./clientcallback.js"
export { default } from "./clientcallback.js"
