/**
 * A map and a set that are made when something is put in. An empty `Map` takes some 200 bytes, and of a connection that stands
 * still, of which there are thousands, nearly all are empty.
 */

export class LazyMap<Key, Value> {
  #map: Map<Key, Value> | undefined

  get size(): number {
    return this.#map?.size ?? 0
  }

  get(key: Key): Value | undefined {
    return this.#map?.get(key)
  }

  has(key: Key): boolean {
    return this.#map?.has(key) === true
  }

  set(key: Key, value: Value): this {
    this.#map ??= new Map()
    this.#map.set(key, value)
    return this
  }

  delete(key: Key): boolean {
    return this.#map?.delete(key) === true
  }

  clear(): void {
    this.#map = undefined
  }

  values(): Iterable<Value> {
    return this.#map?.values() ?? []
  }

  [Symbol.iterator](): Iterator<[Key, Value]> {
    return (this.#map ?? ([] as [Key, Value][]))[Symbol.iterator]()
  }
}

export class LazySet<Value> {
  #set: Set<Value> | undefined

  get size(): number {
    return this.#set?.size ?? 0
  }

  has(value: Value): boolean {
    return this.#set?.has(value) === true
  }

  add(value: Value): this {
    this.#set ??= new Set()
    this.#set.add(value)
    return this
  }

  delete(value: Value): boolean {
    const isDeleted = this.#set?.delete(value) === true
    if (this.#set?.size === 0) this.#set = undefined
    return isDeleted
  }

  [Symbol.iterator](): Iterator<Value> {
    return (this.#set ?? ([] as Value[]))[Symbol.iterator]()
  }
}
