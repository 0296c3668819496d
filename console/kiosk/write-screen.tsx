import { type KeyboardEvent, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { type Composition, useComposition } from '../lib/composition.ts'
import { pressedKey } from '../lib/pressed.ts'
import { useTelling, useTyped } from '../lib/typing.ts'
import { Big, Heading, Icon } from './parts.tsx'
import { useSaid } from './say.tsx'
import { type Talk, type TalkState, useTalk } from './talk.ts'

const longestLine = 1000
const phrases = ['cannotHear', 'cannotSpeak', 'come', 'yes', 'no', 'moment', 'thanks'] as const

type Props = {
  talk: Talk
  draft: string
  setDraft: (text: string) => void
  /** Begins anew with what could not be sent. */
  again: (text: string) => void
  home: () => void
}

/** To write instead of speaking: the same queue and the same people, and no need to hear or to say a word. */
export function WriteScreen({ talk, draft, setDraft, again, home }: Props) {
  const { t } = useTranslation()
  const state = useTalk(talk)
  const { refused } = state
  useEffect(() => {
    if (refused === undefined) return
    setDraft(refused)
    talk.takenBack()
  }, [refused, setDraft, talk])
  const words = useStateWords(state)
  const choosing = useComposition()
  useTelling(state.stage === 'answered' ? state.id : undefined, draft, choosing.now)
  useSaid(words, state.offline)
  const over = state.stage === 'ended'
  return (
    <div className="kiosk-write">
      <div className="kiosk-write-top">
        <Heading>{words}</Heading>
        {!over && (
          <Big kind={state.stage === 'new' ? 'plain' : 'stop'} icon="back" onPress={home}>
            {t(state.stage === 'new' ? 'kiosk.back' : 'kiosk.write.end')}
          </Big>
        )}
      </div>
      <Bubbles state={state} />
      {over ? (
        <Over state={state} again={again} home={home} />
      ) : (
        <Composer
          talk={talk}
          draft={draft}
          setDraft={setDraft}
          seen={state.stage === 'answered'}
          choosing={choosing.field}
        />
      )}
    </div>
  )
}

function useStateWords({ stage, position, offline, unsent }: TalkState): string {
  const { t } = useTranslation()
  if (stage === 'ended') return t('kiosk.write.ended')
  if (offline) return t('kiosk.write.offline')
  if (stage === 'new') return t(unsent.length > 0 ? 'kiosk.write.sending' : 'kiosk.write.begin')
  if (stage === 'waiting' && position === 0) return t('kiosk.voice.wait')
  if (stage === 'waiting') return position > 1 ? t('kiosk.write.ahead', { n: position - 1 }) : t('kiosk.write.waiting')
  return t(`kiosk.write.${stage}`)
}

/** Both sides' lines; a new one is read aloud by itself. */
function Bubbles({ state }: { state: TalkState }) {
  const { t } = useTranslation()
  const list = useRef<HTMLOListElement>(null)
  const count = state.texts.length + state.unsent.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line is scrolled to
  useEffect(() => {
    list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' })
  }, [count])
  const bubble = (key: string, side: 'caller' | 'operator', text: string, mark?: string) => (
    <li key={key} className={`kiosk-bubble ${side}`}>
      <span className="kiosk-who">{t(`kiosk.write.${side}`)}</span>
      <span className="kiosk-text">{text}</span>
      {mark && <span className="kiosk-mark">{mark}</span>}
    </li>
  )
  const typed = useTyped(state.id, state.texts.length)
  const unsent = t(state.stage === 'ended' ? 'kiosk.write.notSent' : 'kiosk.write.notYet')
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <div className="kiosk-bubbles" role="log" aria-label={t('kiosk.write.log')} tabIndex={0}>
      {count === 0 && <p className="kiosk-hint">{t('kiosk.write.how')}</p>}
      <ol ref={list}>
        {state.texts.map((line) => bubble(String(line.n), line.side, line.text))}
        {state.unsent.map((line) => bubble(line.clientId, 'caller', line.text, unsent))}
      </ol>
      {typed && state.stage === 'answered' && (
        <p className="kiosk-bubble operator typing" aria-live="off">
          <span className="kiosk-who">{t('kiosk.write.typing')}</span>
          <span className="kiosk-text">{typed}</span>
        </p>
      )}
    </div>
  )
}

type Composing = Pick<Props, 'talk' | 'draft' | 'setDraft'> & { seen: boolean; choosing: Composition['field'] }

function Composer({ talk, draft, setDraft, seen, choosing }: Composing) {
  const { t } = useTranslation()
  const field = useRef<HTMLTextAreaElement>(null)
  function send() {
    if (draft.trim() === '') return field.current?.focus()
    talk.send(draft)
    setDraft('')
    field.current?.focus()
  }
  // Enter sends, as on a telephone; not while an input method is still choosing characters.
  function onKey(event: KeyboardEvent) {
    if (pressedKey(event) !== 'Enter' || event.shiftKey) return
    event.preventDefault()
    send()
  }
  return (
    <>
      <ul className="kiosk-phrases" aria-label={t('kiosk.write.phrases')}>
        {phrases.map((phrase) => (
          <li key={phrase}>
            <button
              type="button"
              className="kiosk-phrase"
              onClick={() => setDraft(`${draft}${t(`kiosk.phrase.${phrase}`)}`.slice(0, longestLine))}
            >
              {t(`kiosk.phrase.${phrase}`)}
            </button>
          </li>
        ))}
      </ul>
      <div className="kiosk-composer">
        <textarea
          ref={field}
          aria-label={t('kiosk.write.field')}
          rows={2}
          placeholder={seen ? t('kiosk.write.seen') : ''}
          maxLength={longestLine}
          value={draft}
          autoComplete="off"
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={onKey}
          {...choosing}
        />
        <button type="button" className="kiosk-big write" onClick={send}>
          <Icon name="send" />
          <span>{t('kiosk.write.send')}</span>
        </button>
      </div>
    </>
  )
}

function Over({ state, again, home }: { state: TalkState } & Pick<Props, 'again' | 'home'>) {
  const { t } = useTranslation()
  const unsent = state.unsent.map((line) => line.text).join('\n')
  return (
    <>
      <p className="kiosk-more">{t(unsent ? 'kiosk.write.endedUnsent' : 'kiosk.write.endedMore')}</p>
      <div className="kiosk-row">
        <Big kind={unsent ? 'write' : 'plain'} icon="pencil" onPress={() => again(unsent)}>
          {t('kiosk.write.again')}
        </Big>
        <Big kind={unsent ? 'plain' : 'write'} icon="home" onPress={home}>
          {t('kiosk.home')}
        </Big>
      </div>
    </>
  )
}
