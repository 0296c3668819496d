import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import { type Browser, chromium } from 'playwright-core'
import { tone } from './tones.ts'
import { pcmWav } from './wav.ts'

const root = join(import.meta.dirname, '../..')
const pack = join(root, 'node_modules/@sparticuz/chromium')
const version = (JSON.parse(readFileSync(join(pack, 'package.json'), 'utf8')) as { version: string }).version
const home = join(root, 'node_modules/.cache/chromium', version)

/** Unpacks the browser that npm carries, with the libraries that a bare Debian lacks; nothing from apt, nothing downloaded. */
async function unpack(): Promise<void> {
  if (existsSync(home)) return
  const making = `${home}.${process.pid}`
  mkdirSync(making, { recursive: true })
  const file = async (name: string, to: string) =>
    pipeline(createReadStream(join(pack, 'bin', name)), createBrotliDecompress(), createWriteStream(to))
  await file('chromium.br', join(making, 'chromium'))
  chmodSync(join(making, 'chromium'), 0o755)
  for (const tar of ['al2023.tar', 'swiftshader.tar']) {
    await file(`${tar}.br`, join(making, tar))
    execFileSync('tar', ['xf', tar], { cwd: making })
    rmSync(join(making, tar))
  }
  try {
    renameSync(making, home)
  } catch {
    rmSync(making, { recursive: true, force: true }) // another test process was first
  }
}

/** A minute of one tone as a file for a pretend microphone; the browser plays it again and again. */
function toneFile(hz: number): string {
  const file = join(mkdtempSync(join(tmpdir(), 'yihu-tone-')), `${hz}.wav`)
  writeFileSync(file, pcmWav(tone(hz, 60_000)))
  return file
}

/** A headless Chromium. Not the package's own arguments: with --single-process a closed context ends the browser. `voice` is what its microphone hears. */
export async function launchBrowser(voice?: { hz: number }): Promise<Browser> {
  await unpack()
  const lib = ['lib', 'al2023/lib'].map((dir) => join(home, dir)).find(existsSync) ?? home
  return chromium.launch({
    executablePath: join(home, 'chromium'),
    env: { ...process.env, LD_LIBRARY_PATH: lib, HOME: process.env['HOME'] ?? '/tmp' },
    args: [
      '--no-sandbox',
      '--headless=shell',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--autoplay-policy=no-user-gesture-required',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      ...(voice
        ? [
            '--use-fake-device-for-media-stream',
            '--use-fake-ui-for-media-stream',
            `--use-file-for-fake-audio-capture=${toneFile(voice.hz)}`,
          ]
        : []),
    ],
  })
}
