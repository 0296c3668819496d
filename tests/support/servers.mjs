// A PostgreSQL and a Redis of Debian's packages on spare ports, for the scale-out profile: `node tests/support/servers.mjs command …`
// runs the command with TEST_DATABASE_URL and TEST_REDIS_URL set, and ends both afterwards. Never the system's own ones.
import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const debian = '/usr/lib/postgresql'
const version = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a))[0] : undefined
if (!version || !existsSync('/usr/bin/redis-server')) {
  console.error('The scale-out profile needs Debian’s packages: apt-get install postgresql redis-server')
  process.exit(1)
}
const bin = join(debian, version, 'bin')
const dir = mkdtempSync(join(tmpdir(), 'yihu-servers-'))
// PostgreSQL refuses to run as root; Debian's package brings its own user.
const asRoot = process.getuid?.() === 0
const id = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
const who = asRoot ? { uid: id('-u'), gid: id('-g') } : {}
if (asRoot) chownSync(dir, who.uid, who.gid)

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const data = join(dir, 'postgres')
const init = spawnSync(
  join(bin, 'initdb'),
  ['-D', data, '-U', 'yihu', '-A', 'trust', '-E', 'UTF8', '--locale', 'C.UTF-8'],
  {
    ...who,
    encoding: 'utf8',
  },
)
if (init.status !== 0) throw new Error(`initdb: ${init.stderr}`)
const [pgPort, redisPort] = [await freePort(), await freePort()]
const settings = ['max_connections=400', 'shared_buffers=128MB', `unix_socket_directories=${dir}`]
const postgres = spawn(
  join(bin, 'postgres'),
  ['-D', data, '-p', String(pgPort), '-h', '127.0.0.1', ...settings.flatMap((one) => ['-c', one])],
  { ...who, stdio: 'ignore' },
)
const redis = spawn(
  '/usr/bin/redis-server',
  ['--port', String(redisPort), '--bind', '127.0.0.1', '--dir', dir, '--appendonly', 'yes', '--save', ''],
  { ...who, stdio: 'ignore' },
)
for (let i = 0; i < 100; i++) {
  if (spawnSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(pgPort)]).status === 0) break
  await new Promise((later) => setTimeout(later, 100))
}

const [command, ...args] = process.argv.slice(2)
const child = spawn(command, args, {
  stdio: 'inherit',
  env: {
    ...process.env,
    TEST_DATABASE_URL: `postgres://yihu@127.0.0.1:${pgPort}/postgres`,
    TEST_REDIS_URL: `redis://127.0.0.1:${redisPort}`,
  },
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', async (code) => {
  postgres.kill('SIGQUIT')
  redis.kill('SIGKILL')
  await Promise.all(
    [postgres, redis].map((one) => one.exitCode === null && new Promise((gone) => one.once('exit', gone))),
  )
  rmSync(dir, { recursive: true, force: true })
  process.exit(code ?? 1)
})
