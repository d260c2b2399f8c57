/** The base of the widgets that stand on a master. */
import { LitElement, type PropertyDeclarations } from 'lit'
import type { Master } from '../shared/master/mod.ts'
import { MasterController } from './controllers/master.ts'
import { warnOfWrittenObject } from './written-object.ts'

/**
 * A subclass says `static override styles = [look, styles]`, and reads `this.source.master` in `render()`; in
 * `willUpdate()` it may still be the one before.
 */
export abstract class DroverElement extends LitElement {
  static override properties: PropertyDeclarations = {
    master: { attribute: false },
    for: { type: String },
  }
  /** A headless master; wins over `for` and over the `<drover-master>` around. */
  declare master: Master | undefined
  /** Id of a `<drover-master>` elsewhere in the page. */
  declare for: string | undefined
  protected readonly source: MasterController = new MasterController(this)

  override connectedCallback(): void {
    super.connectedCallback()
    warnOfWrittenObject(this)
  }
}
