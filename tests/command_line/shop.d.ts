declare namespace ClientCallback {
  namespace Types {
    /** Products, and narrower categories. */
    interface Category {
      /** What customers read. */
      name: string
      parts: Types.Category[]
    }

    interface CostRule {
      kind: "cost"
      cost: number | string
    }

    interface Filters {
      text?: string
      since: string | Date | null
    }

    /** A line of an order. */
    interface Line {
      product: string
      quantity: number
    }

    /** A line of an order. */
    interface LineInput {
      product: string
      quantity?: number
    }

    interface Order {
      number: number
      placed: string
      lines: Types.Line[]
    }

    interface OrderInput {
      number: number
      placed: string | Date
      lines?: Types.LineInput[]
    }

    /** A rule as it is kept. */
    interface Rule {
      cost: number
      /** Its name. */
      id: string
    }

    /** How much is in a box. */
    type Size = "small" | "large"

    interface TextRule {
      kind: "text"
      text: string
    }
  }

  interface Pages {
    "admin.users": {
      page: {
        /** Find a user. */
        find(number: number): Promise<string | null>
      }
      targets: {
        grid: {
          /** What a row costs. */
          price(row: number): Promise<number>
        }
      }
    }

    hello: {
      page: {}
      targets: {}
    }

    plain: {
      page: {}
      targets: {}
    }

    /** Where customers order. */
    shop: {
      page: {
        /**
         * What so many of a product cost now.
         *
         * @param product its name
         * @param quantity how many
         */
        price(product: string, quantity?: number): Promise<string>
        /** Order what is in the cart. */
        order(name?: string, gift?: boolean): Promise<null>
        find(text: string, by?: "name" | "price", options?: { limit?: number; size?: Types.Size | null }): Promise<Types.Line[]>
        /** Place an order. A note may end here: *\/ and go on. */
        place(order: Types.OrderInput, coupon: string | undefined, day: string | Date): Promise<Types.Order>
        tree(filters: Types.Filters): Promise<Types.Category | null>
        upload(photo: Blob, more: Blob[] | FileList): Promise<{ [key: string]: number }>
        invoice(number: number): Promise<string | Response>
        rules(rules: (Types.TextRule | Types.CostRule)[]): Promise<Types.Rule[]>
        anything(default_: unknown, what?: unknown): Promise<any>
      }
      targets: {
        /** What the customer has chosen. */
        cart: {
          /** Take a product out. */
          remove(product: string): Promise<string>
          /** Empty the cart. */
          "new"(): Promise<null>
        }
      }
    }
  }
}
