/** Set-up of the tests that run a second time without stompjs: what they import by its name is not stompjs. */
import { Client } from '@stomp/stompjs'
import { expect } from 'vitest'

expect(Client.prototype).not.toHaveProperty('nack')
