/**
 * Makes the placeholder prompts: `node telephony/prompts/make.mjs` reads texts.json beside it and writes <locale>/<key>.wav,
 * 8 kHz mono mu-law, the same bytes on every run. Needs `espeak-ng` and `sox` (Debian: apt-get install espeak-ng sox); only
 * who changes a text needs them, the product does not. A robot is good enough to try things out and no more: record real
 * voices at /prompts before anybody old or frightened calls.
 *
 * espeak-ng's voice `cmn` reads Chinese characters with English tone digits ("nin two, hao three"; espeak-ng issues 1028 and
 * 1236). The pinyin voice reads tone numbers as tones; each word it speaks is checked to carry one.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pinyin } from 'pinyin-pro'

const here = import.meta.dirname
const texts = JSON.parse(readFileSync(join(here, 'texts.json'), 'utf8'))

/** English slower than the usual 175 words a minute: many callers are old, and the line is narrow. Pinyin is slow already. */
const voices = {
  'zh-CN': ['-v', 'cmn-latn-pinyin', '-s', '195'],
  en: ['-v', 'en-gb', '-s', '150'],
}
// Said as people say the emergency number, and not as a hundred and twenty.
const digits = { 'zh-CN': { 120: 'yao1 er4 ling2' }, en: { 120: 'one two zero', Yihu: 'ee hoo' } }

function spoken(locale, text) {
  const said = Object.entries(digits[locale]).reduce((all, [from, to]) => all.replaceAll(from, ` ${to} `), text)
  if (locale !== 'zh-CN') return said
  const words = pinyin(said, { toneType: 'num', nonZh: 'consecutive', v: true })
  const plain = words
    .replaceAll('，', ',')
    .replaceAll('。', '.')
    .replace(/([a-z])0\b/g, '$15')
  const wanted = plain.match(/[a-z]+\d/g)?.length
  const heard = execFileSync('espeak-ng', ['-b', '1', '-v', 'cmn-latn-pinyin', '-x', '-q', plain], { encoding: 'utf8' })
  const syllables = heard.split(/_\||\s/).filter(Boolean)
  if (syllables.length !== wanted || !syllables.every((one) => /\d/.test(one)))
    throw new Error(`not read as pinyin: ${text} → ${plain} → ${heard}`)
  return plain
}

/** One prompt of each language is for who does not understand it. */
const speaker = (locale, key) => (key === 'other-language' ? Object.keys(texts).find((one) => one !== locale) : locale)

const format = ['-c', '1', '-e', 'mu-law', '-b', '8']

for (const [locale, prompts] of Object.entries(texts)) {
  mkdirSync(join(here, locale), { recursive: true })
  for (const [key, text] of Object.entries(prompts)) {
    const file = join(here, locale, `${key}.wav`)
    if (key === 'tone') {
      // Nothing to say: what every answering machine does, 440 Hz, as loud as the voices and soft at both ends.
      const tone = ['synth', '0.6', 'sine', '440', 'gain', '-10', 'fade', '0.02', '0.6', '0.02']
      execFileSync('sox', ['-D', '-n', '-r', '8000', ...format, file, ...tone])
      continue
    }
    const voice = speaker(locale, key)
    const speech = execFileSync('espeak-ng', ['-b', '1', ...voices[voice], '--stdout', spoken(voice, text)])
    const silence = ['silence', '1', '0.02', '0.3%', 'reverse']
    // Without `norm` it clips; -D: dither would make other bytes each time. The pads keep the first and last sound whole.
    const effects = [
      'gain',
      '-6',
      'highpass',
      '120',
      ...silence,
      ...silence,
      'rate',
      '8000',
      'norm',
      '-3',
      'pad',
      '0.08',
      '0.2',
    ]
    execFileSync('sox', ['-D', '-t', 'wav', '-', ...format, file, ...effects], { input: speech })
  }
}
