import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NoMicrophone } from '../lib/microphone.ts'
import { type Recorder, startRecorder } from './recorder.ts'

const lookEveryMs = 100
// The server takes thirty; what is said after it would be refused.
const longestMs = 30_000

/** Recording now: how loud, how long, and the two ways out of it. */
export function RecordPrompt({ done, cancel }: { done: (file: Uint8Array) => void; cancel: () => void }) {
  const { t } = useTranslation()
  const recorder = useRef<Recorder>(undefined)
  const [fault, setFault] = useState<NoMicrophone | 'failed'>()
  const [level, setLevel] = useState(0)
  const [elapsedMs, setElapsedMs] = useState<number>()
  const finish = useRef(() => {})
  finish.current = () => {
    const running = recorder.current
    recorder.current = undefined
    running?.stop().then(done, () => setFault('failed'))
  }
  useEffect(() => {
    let over = false
    let timer: ReturnType<typeof setInterval> | undefined
    startRecorder().then(
      (started) => {
        if (over) return started.cancel()
        recorder.current = started
        const since = Date.now()
        timer = setInterval(() => {
          setLevel(started.level())
          setElapsedMs(Date.now() - since)
          if (Date.now() - since >= longestMs) finish.current()
        }, lookEveryMs)
      },
      (reason: NoMicrophone) => setFault(reason),
    )
    return () => {
      over = true
      clearInterval(timer)
      recorder.current?.cancel()
    }
  }, [])
  return (
    <div className="row prompt-recording">
      {fault ? (
        <p className="note-error" role="alert">
          {t(`prompts.noMicrophone.${fault}`)}
        </p>
      ) : (
        <>
          <span role="status" className="chip red">
            {t(elapsedMs === undefined ? 'prompts.opening' : 'prompts.recording')}
          </span>
          <meter
            min={0}
            max={1}
            low={0.05}
            high={0.95}
            optimum={0.5}
            value={Math.sqrt(level)}
            aria-label={t('prompts.level')}
          />
          <span className="num">{((elapsedMs ?? 0) / 1000).toFixed(1)}</span>
          <button
            type="button"
            className="btn small primary"
            disabled={elapsedMs === undefined}
            onClick={() => finish.current()}
          >
            {t('prompts.finish')}
          </button>
        </>
      )}
      <button type="button" className="btn small" onClick={cancel}>
        {t('files.cancel')}
      </button>
    </div>
  )
}
