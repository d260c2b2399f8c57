/** By Vue 3, whose templates become such functions. */
import { createApp, h, shallowReactive, version } from 'vue'
import { type Shown, show } from './app.ts'

interface State {
  shown?: Shown
  onDispatch?: (event: Event) => void
}
const state = shallowReactive<State>({})

const view = {
  render() {
    const { shown, onDispatch } = state
    if (shown === undefined) return undefined
    const { url, token, task, label, schema, value, how } = shown
    const dot = how === 'documented' ? '.' : ''
    const form = h('drover-form', {
      task,
      'submit-label': label,
      [`${dot}schema`]: schema,
      [`${dot}value`]: value,
      onDroverDispatch: onDispatch,
    })
    return h('drover-master', { url, '.token': () => token }, [form])
  },
}

createApp(view).mount('main')
show(version, (shown, onDispatch) => void Object.assign(state, { shown, onDispatch }))
