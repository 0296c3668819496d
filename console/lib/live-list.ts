type Versioned = { id: string; version: number }

/**
 * A list that is asked for now and again, and told of changes in between. An answer may be older than what was told while it
 * was on its way: of each item the newer word stands, and of two questions under way only the later is heard.
 */
export function makeLiveList<Item extends Versioned>() {
  let items = new Map<string, Item>()
  let toldSince = new Map<string, { item: Item; here: boolean }>()

  const put = ({ item, here }: { item: Item; here: boolean }): boolean => {
    const held = items.get(item.id)
    if (held && held.version > item.version) return false
    if (here) items.set(item.id, item)
    else items.delete(item.id)
    return true
  }

  return {
    all: (): Item[] => [...items.values()],
    get: (id: string): Item | undefined => items.get(id),
    /** A change; `here` false takes the item out. False when a newer one is held. */
    tell(item: Item, here: boolean): boolean {
      const known = toldSince.get(item.id)
      if (known && known.item.version > item.version) return false
      toldSince.set(item.id, { item, here })
      return put({ item, here })
    },
    /** The whole list anew. False when a later question took over. */
    async ask(question: () => Promise<Item[]>): Promise<boolean> {
      const told = new Map<string, { item: Item; here: boolean }>()
      toldSince = told
      const answer = await question()
      if (toldSince !== told) return false
      items = new Map(answer.map((item) => [item.id, item]))
      for (const one of told.values()) put(one)
      return true
    },
    clear(): void {
      items = new Map()
      toldSince = new Map()
    },
  }
}
