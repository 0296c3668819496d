import { type InvalidateOptions, type InvalidateQueryFilters, type Query, QueryClient } from '@tanstack/react-query'

/**
 * The questions of this page to the server. A change heard of while a question is asked for the first time would be passed
 * over by the library, which takes the answer on its way for the newest; it may be older. Such a question is asked once more
 * when its answer is here.
 */
export class Questions extends QueryClient {
  readonly #waiting = new WeakSet<Query>()

  override invalidateQueries<Key extends readonly unknown[]>(
    filters?: InvalidateQueryFilters<Key>,
    options?: InvalidateOptions,
  ): Promise<void> {
    const first = this.getQueryCache()
      .findAll({ ...filters, fetchStatus: 'fetching' })
      .filter((query) => query.state.data === undefined && !this.#waiting.has(query))
    for (const query of first) {
      this.#waiting.add(query)
      const again = () => {
        this.#waiting.delete(query)
        void super.invalidateQueries({ queryKey: query.queryKey, exact: true })
      }
      // Joins the question under way; a failure is shown by whoever asked.
      query.fetch().then(again, again)
    }
    return super.invalidateQueries(filters, options)
  }
}
