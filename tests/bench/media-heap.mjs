// Loaded into the media process beside its own code: on SIGUSR2 it collects its garbage and tells what is left.
process.on('SIGUSR2', () => {
  globalThis.gc()
  const { heapUsed, rss } = process.memoryUsage()
  process.stderr.write(`memory ${heapUsed} ${rss}\n`)
})
