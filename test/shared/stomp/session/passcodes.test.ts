/** A passcode with a colon and backslashes signs in on every broker, which read CONNECT in different ways, and as a bridge's login. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defaultUsers } from '../../../../broker/users.ts'
import { checkBroker } from '../../../../cli/broker-check.ts'
import { connectStomp, type Stomp, type StompState } from '../../../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../../../shared/stomp/sockets/node.ts'
import { startBridge } from '../../../support/bridges/bridges.ts'
import { isMissing } from '../../../support/brokers/each.ts'
import { startEmbedded } from '../../../support/brokers/embedded.ts'
import { sharedBroker } from '../../../support/brokers/shared.ts'
import { type BrokerName, brokerNames } from '../../../support/brokers/start.ts'

// The user `odd` of the brokers of the tests has it too
const passcode = readFileSync(new URL('../../../cases/inputs/C35-passcode.txt', import.meta.url), 'utf8').trimEnd()

type Address = (password: string) => string

/** Each way to a broker, as its `odd`. */
async function waysTo(name: BrokerName, stack: AsyncDisposableStack): Promise<Address[]> {
  const odd = (address: string): Address => {
    const { protocol, host, pathname } = new URL(address)
    return password => `${protocol}//odd:${encodeURIComponent(password)}@${host}${pathname}`
  }
  if (name !== 'embedded') {
    const { stompUrl, wsUrl } = await sharedBroker(name)
    return [odd(stompUrl), odd(wsUrl!)]
  }
  const users = [{ ...defaultUsers[0]!, login: 'odd', passcode }]
  return [odd(stack.use(await startEmbedded({ users })).url)]
}

test.for(brokerNames)('%s: directly and as the login of a bridge, by TCP and by WebSocket', async name => {
  if (isMissing(name)) return
  await using stack = new AsyncDisposableStack()
  for (const address of await waysTo(name, stack)) {
    await checkBroker(address(passcode))
    await using stomp = connectStomp({ url: address(passcode), createSocket: createNodeSocket })
    await stomp.opened()
    await using wrong = connectStomp({ url: address(`${passcode}!`), createSocket: createNodeSocket })
    // By ws Classic mostly goes before its ERROR has left, and then nobody is told more than the settings to check
    if (address('').startsWith('stomp:'))
      await expect(wrong.opened()).rejects.toMatchObject({ code: 'not_authenticated' })
    else expect(await firstReason(wrong)).toMatch(/did not accept these credentials|check login and passcode/)
    await using bridge = await startBridge({ broker: address(passcode) })
    const url = `${bridge.url.replace('http://', 'ws://foo:bar@')}/stomp`
    await using bridged = connectStomp({ url, createSocket: createNodeSocket })
    await bridged.opened()
  }
})

/** Why it did not come about. */
function firstReason(stomp: Stomp): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const look = (state: StompState): void => {
    if (state.at === 'waiting' || state.at === 'closed') resolve(state.reason?.message)
  }
  stomp.onState(look)
  look(stomp.state)
  return promise
}
