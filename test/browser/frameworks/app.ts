/** A page that a framework renders, as a test asks for it: `globalThis.app`. */

export interface Shown {
  readonly url: string
  readonly token: string
  readonly task: string
  readonly label: string
  /** A JSON Schema. As `value`, it is an object, which no attribute can hold. */
  readonly schema: object
  readonly value: object
  /** `documented`: objects and functions as docs/widgets.md says. `plain`: as any other property of an element. */
  readonly how: 'documented' | 'plain'
}

export interface App {
  /** Of the framework. */
  readonly version: string
  /** Renders, or renders again. */
  render(shown: Shown): void
  /** The inputs that `drover-dispatch` events had. */
  readonly heard: unknown[]
}

/** Gives a test the app. */
export function show(version: string, render: (shown: Shown, onDispatch: (event: Event) => void) => void): void {
  const heard: unknown[] = []
  const onDispatch = (event: Event): void => {
    event.preventDefault() // no worker is there
    heard.push((event as Event & { readonly input: unknown }).input)
  }
  const app: App = { version, heard, render: shown => render(shown, onDispatch) }
  Object.assign(globalThis, { app })
}
