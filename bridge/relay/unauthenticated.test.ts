import { expect, test } from 'vitest'
import { type UnauthenticatedConnection, UnauthenticatedConnections } from './unauthenticated.ts'

function room(most: number, mostOfAddress: number) {
  const connections = new UnauthenticatedConnections(most, mostOfAddress)
  const gone: string[] = []
  const come = (name: string, address: string): UnauthenticatedConnection => {
    const connection: UnauthenticatedConnection = {
      address,
      end() {
        gone.push(name)
        connections.remove(connection)
      },
    }
    connections.add(connection)
    return connection
  }
  return { connections, gone, come }
}

test('past the bound of an address its oldest gives way, and nobody else', () => {
  const { connections, gone, come } = room(10, 2)
  come('other', 'b')
  for (const name of ['1', '2', '3', '4']) come(name, 'a')
  expect(gone).toEqual(['1', '2'])
  expect(connections.size).toBe(3)
})

test('who has many addresses of one network is one', () => {
  const { gone, come } = room(10, 2)
  for (const n of [1, 2, 3, 4]) come(`${n}`, `2001:db8:0:7:${n}::${n}`)
  come('neighbour', '2001:db8:0:8::1')
  expect(gone).toEqual(['1', '2'])
})

test('past the bound of all the oldest gives way, whosever it is', () => {
  const { connections, gone, come } = room(3, 2)
  for (const address of ['a', 'b', 'c', 'd', 'e']) come(address, address)
  expect(gone).toEqual(['a', 'b'])
  expect(connections.size).toBe(3)
})

test('who is known by now is counted no more', () => {
  const { connections, gone, come } = room(10, 1)
  connections.remove(come('1', 'a'))
  come('2', 'a')
  expect(gone).toEqual([])
  expect(connections.size).toBe(1)
})
