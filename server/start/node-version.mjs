const wanted = [20, 19]

/** One plain sentence when this Node is too old, else undefined. */
export function nodeFault(version) {
  const [major, minor] = version.split('.').map(Number)
  const enough = major > wanted[0] || (major === wanted[0] && minor >= wanted[1])
  return enough
    ? undefined
    : `Yihu needs Node ${wanted.join('.')} or newer, and this is Node ${version}: install a newer Node and start again.`
}
