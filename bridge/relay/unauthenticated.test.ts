import { expect, test } from 'vitest'
import { type UnauthenticatedConnection, UnauthenticatedConnections } from './unauthenticated.ts'

function room(most: number, mostOfAddress: number) {
  const newcomers = new UnauthenticatedConnections(most, mostOfAddress)
  const gone: string[] = []
  const come = (name: string, address: string): UnauthenticatedConnection => {
    const newcomer: UnauthenticatedConnection = {
      address,
      end() {
        gone.push(name)
        newcomers.remove(newcomer)
      },
    }
    newcomers.add(newcomer)
    return newcomer
  }
  return { newcomers, gone, come }
}

test('past the bound of an address its oldest gives way, and nobody else', () => {
  const { newcomers, gone, come } = room(10, 2)
  come('other', 'b')
  for (const name of ['1', '2', '3', '4']) come(name, 'a')
  expect(gone).toEqual(['1', '2'])
  expect(newcomers.size).toBe(3)
})

test('past the bound of all the oldest gives way, whosever it is', () => {
  const { newcomers, gone, come } = room(3, 2)
  for (const address of ['a', 'b', 'c', 'd', 'e']) come(address, address)
  expect(gone).toEqual(['a', 'b'])
  expect(newcomers.size).toBe(3)
})

test('who is known by now is counted no more', () => {
  const { newcomers, gone, come } = room(10, 1)
  newcomers.remove(come('1', 'a'))
  come('2', 'a')
  expect(gone).toEqual([])
  expect(newcomers.size).toBe(1)
})
