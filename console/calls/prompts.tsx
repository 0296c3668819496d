import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Popconfirm } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { promptRoutes as api, type PromptView } from '../../server/contracts/prompts.ts'
import { lineOf, promptLocales, usualPrompt } from '../../server/contracts/voice.ts'
import { call } from '../lib/api.ts'
import { whyNot } from '../lib/microphone.ts'
import { phoneText } from '../lib/phone-text.ts'
import { ErrorNote, When } from '../ui/marks.tsx'
import { RecordPrompt } from './record-prompt.tsx'
import { base64 } from './speech-wav.ts'
import './prompts.css'

const queryKey = ['prompts']

/** What callers hear, in each language: a placeholder spoken by a machine until somebody's voice is approved. */
export function PromptsPage() {
  const { t } = useTranslation()
  const { data, error, isPending } = useQuery({ queryKey, queryFn: () => call(api.prompts) })
  const player = usePlayer()
  const occasion = useOccasion()
  /** One microphone, one recording at a time. */
  const [recording, setRecording] = useState('')
  return (
    <div className="page-inner">
      <div className="spread">
        <h1>{t('shell.place.prompts')}</h1>
      </div>
      <p className="muted prompts-intro">{t('prompts.intro')}</p>
      {error && <ErrorNote error={error} />}
      {player.fault && (
        <p className="note-error" role="alert">
          {t('prompts.cannotPlay')}
        </p>
      )}
      {isPending && <p>{t('ui.loading')}</p>}
      {data && (
        <table className="prompts">
          <thead>
            <tr>
              <th scope="col">{t('prompts.when')}</th>
              {promptLocales.map((locale) => (
                <th scope="col" key={locale}>
                  {t(`words.locale.${locale}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...new Set(data.items.map((one) => one.key))].map((key) => (
              <tr key={key}>
                <th scope="row">{occasion(key)}</th>
                {promptLocales.map((locale) => {
                  const prompt = data.items.find((one) => one.key === key && one.locale === locale)
                  const name = `${locale}/${key}`
                  return (
                    <td key={locale}>
                      {prompt && (
                        <Prompt
                          prompt={prompt}
                          player={player}
                          recording={recording === name}
                          mayRecord={recording === '' && whyNot() === undefined}
                          record={(on) => setRecording(on ? name : '')}
                        />
                      )}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

/** When a prompt is heard, in words. */
function useOccasion(): (key: PromptView['key']) => string {
  const { t } = useTranslation()
  return (key) => {
    const line = lineOf(key)
    return line === undefined
      ? t(`prompts.key.${key}`)
      : t(`prompts.ownOf.${usualPrompt(key)}`, { number: phoneText(line) })
  }
}

/** One sound at a time; the same again stops it. */
function usePlayer() {
  const audio = useRef<HTMLAudioElement>(undefined)
  const [playing, setPlaying] = useState('')
  const [fault, setFault] = useState(false)
  const [heard, setHeard] = useState<string[]>([])
  return {
    playing,
    /** Played to its end on this page. */
    heard,
    fault,
    toggle(url: string) {
      audio.current?.pause()
      setFault(false)
      if (playing === url) return setPlaying('')
      audio.current = new Audio(url)
      audio.current.addEventListener('ended', () => {
        setPlaying('')
        setHeard((before) => [...before, url])
      })
      audio.current.addEventListener('error', () => {
        setPlaying('')
        setFault(true)
      })
      setPlaying(url)
      void audio.current.play().catch(() => {}) // told by the error event
    },
  }
}
type Player = ReturnType<typeof usePlayer>

function Play({ url, of, player }: { url: string; of: string; player: Player }) {
  const { t } = useTranslation()
  const on = player.playing === url
  return (
    <button
      type="button"
      className="btn small"
      aria-label={`${t(on ? 'prompts.stop' : 'prompts.play')} ${of}`}
      onClick={() => player.toggle(url)}
    >
      <span aria-hidden="true">{on ? '■' : '▶'}</span> {t(on ? 'prompts.stop' : 'prompts.play')}
    </button>
  )
}

// Whoever answers waits for its end.
const greetingLongMs = 6_000

const audioOf = (id: string) => `/api/v1/prompts/audio/${id}`

function Seconds({ ms }: { ms: number }) {
  const { t, i18n } = useTranslation()
  return (
    <span className="num muted">
      {t('prompts.seconds', {
        n: new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(ms / 1000),
      })}
    </span>
  )
}

type Props = {
  prompt: PromptView
  player: Player
  recording: boolean
  mayRecord: boolean
  record: (on: boolean) => void
}

function Prompt({ prompt, player, recording, mayRecord, record }: Props) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const occasion = useOccasion()
  const { locale, key, text, inUse, draft } = prompt
  const params = { locale, key }
  const name = `${occasion(key)} · ${t(`words.locale.${locale}`)}`
  const change = useMutation({
    mutationFn: (run: () => Promise<PromptView>) => run(),
    onSuccess: () => client.invalidateQueries({ queryKey }),
  })
  const upload = (file: Uint8Array) => {
    record(false)
    change.mutate(() => call(api.uploadPrompt, { params, body: { wav: base64(file) } }))
  }
  const reset = () => change.mutate(() => call(api.resetPrompt, { params }))
  const actions = (
    <div className="row">
      <button
        type="button"
        className="btn small"
        aria-label={`${t(draft ? 'prompts.recordAgain' : 'prompts.record')} ${name}`}
        disabled={!mayRecord || change.isPending}
        onClick={() => record(true)}
      >
        {t(draft ? 'prompts.recordAgain' : 'prompts.record')}
      </button>
      <Upload name={name} disabled={change.isPending} take={upload} />
      {(inUse || draft) && (
        <Popconfirm
          title={t('prompts.resetSure')}
          description={t('prompts.resetWhat')}
          okText={t('prompts.reset')}
          cancelText={t('files.cancel')}
          onConfirm={reset}
        >
          <button
            type="button"
            className="btn small quiet"
            aria-label={`${t('prompts.reset')} ${name}`}
            disabled={change.isPending}
          >
            {t('prompts.reset')}
          </button>
        </Popconfirm>
      )}
    </div>
  )
  return (
    <div className="prompt">
      <p className="prompt-text" lang={locale}>
        {text}
      </p>
      <div className="prompt-used">
        <div className="row">
          <span className={`chip ${inUse ? 'green' : ''}`}>{t(inUse ? 'prompts.own' : 'prompts.placeholder')}</span>
          <Play
            url={inUse ? audioOf(inUse.id) : `/api/v1/prompts/shipped/${locale}/${key}`}
            of={name}
            player={player}
          />
          {inUse && (
            <>
              <Seconds ms={inUse.durationMs} />
              <span className="muted">
                <When at={inUse.approvedAt} />
              </span>
            </>
          )}
        </div>
        {!recording && actions}
      </div>
      {draft && (
        <div className="row prompt-draft">
          <span className="chip amber">{t('prompts.draft')}</span>
          <Play url={audioOf(draft.id)} of={`${t('prompts.draft')} ${name}`} player={player} />
          <Seconds ms={draft.durationMs} />
          <button
            type="button"
            className="btn small primary"
            disabled={change.isPending || !player.heard.includes(audioOf(draft.id))}
            title={t('prompts.hearFirst')}
            onClick={() => change.mutate(() => call(api.approvePrompt, { params, body: { id: draft.id } }))}
          >
            {t('prompts.approve')}
          </button>
          {!player.heard.includes(audioOf(draft.id)) && <span className="muted">{t('prompts.hearFirst')}</span>}
          {key === 'greeting' && draft.durationMs > greetingLongMs && (
            <span className="chip amber">{t('prompts.greetingLong')}</span>
          )}
        </div>
      )}
      {recording && <RecordPrompt done={upload} cancel={() => record(false)} />}
      {change.error && <ErrorNote error={change.error} />}
    </div>
  )
}

function Upload({ name, disabled, take }: { name: string; disabled: boolean; take: (file: Uint8Array) => void }) {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".wav,audio/wav"
        hidden
        onChange={async ({ target }) => {
          const file = target.files?.[0]
          target.value = '' // the same file again is a choice too
          if (file) take(new Uint8Array(await file.arrayBuffer()))
        }}
      />
      <button
        type="button"
        className="btn small"
        aria-label={`${t('prompts.upload')} ${name}`}
        disabled={disabled}
        onClick={() => input.current?.click()}
      >
        {t('prompts.upload')}
      </button>
    </>
  )
}
