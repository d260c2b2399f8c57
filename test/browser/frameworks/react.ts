/** By React, of the version that this is bundled with. */
import { createElement, type ReactNode, useEffect, useLayoutEffect, useRef, version } from 'react'
import { createRoot } from 'react-dom/client'
import { type Shown, show } from './app.ts'

interface ViewProps extends Shown {
  readonly onDispatch: (event: Event) => void
}

/** React 18 has no listeners of its own for events that it does not know. */
const knowsEvents = !version.startsWith('18.')

function View({ url, token, task, label, schema, value, how, onDispatch }: ViewProps): ReactNode {
  const master = useRef<Element>(null)
  const form = useRef<Element>(null)
  useLayoutEffect(() => {
    Object.assign(master.current!, { token: () => token })
  }, [token])
  useLayoutEffect(() => {
    if (how === 'documented') Object.assign(form.current!, { schema, value })
  }, [how, schema, value])
  useEffect(() => {
    if (knowsEvents) return undefined
    const { current } = form
    current?.addEventListener('drover-dispatch', onDispatch)
    return () => current?.removeEventListener('drover-dispatch', onDispatch)
  }, [onDispatch])
  const formProps = {
    ref: form,
    task,
    'submit-label': label,
    ...(knowsEvents ? { 'ondrover-dispatch': onDispatch } : {}),
    ...(how === 'plain' ? { schema, value } : {}),
  }
  return createElement('drover-master', { ref: master, url }, createElement('drover-form', formProps))
}

const root = createRoot(document.querySelector('main')!)
show(version, (shown, onDispatch) => root.render(createElement(View, { ...shown, onDispatch })))
