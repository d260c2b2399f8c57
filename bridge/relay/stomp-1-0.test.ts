import { expect, test } from 'vitest'
import { encodeFrame } from '../../shared/frames/mod.ts'
import { Stomp10, scan } from './stomp-1-0.ts'

test.each(['content-length ', '\tdestination', '\u00a0drover-sender', ' '])(
  'a header %j of the broker is another to readers of 1.0, who mind no blanks around it: it is left out',
  name => {
    const leftOut: string[] = []
    const stomp10 = new Stomp10(names => leftOut.push(...names))
    const sent = [
      ['subscription', 's'],
      ['message-id', 'm'],
      [name, '0'],
      ['own name', ' 1 '],
    ] as const
    const told = stomp10.toBrowser(scan(encodeFrame('MESSAGE', sent, undefined, '1.1')))
    expect(new TextDecoder().decode(told)).toBe('MESSAGE\nsubscription:s\nmessage-id:s,m\nown name: 1 \n\n\0')
    expect(leftOut).toEqual([name])
  },
)
