import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// A folder of its own: nobody who only starts the product downloads them. `.ci/run` fills it.
const folder = join(import.meta.dirname, '../../.ci/twilio-judge/node_modules')
const prism = join(folder, '@stoplight/prism-cli/dist/index.js')
const description = join(folder, '@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json')

/** What a test that needs the judge says when it is skipped. */
export const judgeMissing =
  existsSync(prism) && existsSync(description) ? undefined : 'Prism (npm ci --prefix .ci/twilio-judge)'

type Schema = { type?: string; anyOf?: Schema[]; properties?: Record<string, Schema> }
type Operation = { requestBody?: { content?: Record<string, { schema?: Schema }> } }
type Description = { paths: Record<string, Record<string, Operation>> }

// All that we ask of Twilio; read with the other 120 paths, Prism would take four times as long to start.
const asked = /^\/2010-04-01\/Accounts\/\{AccountSid\}\/(Calls|Calls\/\{Sid\}|Messages)\.json$/

/**
 * As Twilio describes it, read so that Prism can judge it. Prism drops fields that are not described before it looks: that
 * a name is not misspelt is held by the types of Twilio's client.
 */
function judgeable(given: Description): Description {
  const paths = Object.fromEntries(Object.entries(given.paths).filter(([path]) => asked.test(path)))
  for (const item of Object.values(paths))
    for (const { requestBody } of Object.values(item)) {
      const form = requestBody?.content?.['application/x-www-form-urlencoded']?.schema
      if (!form?.properties) continue
      // Prism takes a field that is sent several times for one text, and refuses it where a list is described [prism 2473].
      for (const [name, schema] of Object.entries(form.properties))
        if (schema.type === 'array') form.properties[name] = { anyOf: [{ type: 'string' }, schema] }
    }
  return { ...given, paths }
}

const startMsMax = 30_000

/** Starts Prism on Twilio's own description: 2xx for a request that Twilio describes, 4xx with the reason for any other. It keeps no state. */
export async function startJudge(): Promise<{ url: string; close(): Promise<void> }> {
  const work = mkdtempSync(join(tmpdir(), 'yihu-judge-'))
  const file = join(work, 'twilio.json')
  writeFileSync(file, JSON.stringify(judgeable(JSON.parse(readFileSync(description, 'utf8')))))
  const child = spawn(process.execPath, [prism, 'mock', '-h', '127.0.0.1', '-p', '0', '--errors', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], NO_COLOR: '1' },
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const close = async () => {
    child.kill()
    await gone
    rmSync(work, { recursive: true, force: true })
  }
  try {
    return { url: await listening(child), close }
  } catch (error) {
    await close()
    throw error
  }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const timer = setTimeout(() => reject(new Error(`Prism does not start: ${said}`)), startMsMax)
    const hear = (bytes: Buffer) => {
      said += bytes
      const url = /listening on (http:\/\/127\.0\.0\.1:[1-9]\d*)/.exec(said)?.[1]
      if (!url) return
      clearTimeout(timer)
      resolve(url)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', () => reject(new Error(`Prism ended: ${said}`)))
  })
}
