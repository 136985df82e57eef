// The same with the types of an application's pages.
import { page } from "../../flask_clientcallback/static/clientcallback.mjs"

declare global {
  namespace ClientCallback {
    interface Pages {
      shop: {
        page: {
          /** What so many of a product cost now. */
          price(product: string, quantity?: number): Promise<string>
          find(text: string): Promise<string[]>
        }
        targets: { cart: { remove(product: string): Promise<string> } }
      }
      "admin.users": {
        page: { find(id: number): Promise<{ name: string }> }
        targets: { cart: { empty(): Promise<null> }; grid: { sort(by: "name" | "age"): Promise<null> } }
      }
      about: {}
    }
  }
}

// The methods of all pages; equal names are overloads.
const price: string = await ClientCallback.page.price("pen", 3)
const found: string[] = await page.with({ policy: "latest" }).find("pen")
const user: { name: string } = await page.find(5)
const rest: string = await ClientCallback.target("cart").remove("pen")
await ClientCallback.target("cart").with({ timeout: 5 }).empty()
await ClientCallback.target("grid").sort("age")

// @ts-expect-error There is no such method.
await page.prize("pen")

// @ts-expect-error The quantity is a number.
await page.price("pen", "3")

// @ts-expect-error There is no such control.
ClientCallback.target("card")

// @ts-expect-error There is no such column.
await ClientCallback.target("grid").sort("size")

// One page.
const shop: ClientCallback.Page<"shop"> = ClientCallback.page
const cart: ClientCallback.Target<"shop", "cart"> = ClientCallback.target("cart")
const about: ClientCallback.Page<"about"> = page
await shop.with({ group: "prices" }).price("pen")
await cart.remove("pen")

// @ts-expect-error Users are found in another page.
await shop.find(5)

// @ts-expect-error That control has the method in another page.
await cart.empty()

// @ts-expect-error There is no such page.
let none: ClientCallback.Page<"shops">

export { about, found, none, price, rest, user }
