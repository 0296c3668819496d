import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { campaignRoutes as api, type TestCallView, testCallAnswers } from '../../server/contracts/campaigns.ts'
import { call } from '../lib/api.ts'
import { useKeys } from '../lib/keys.ts'
import { useKnown } from '../lib/known.ts'
import { useAreas } from '../lib/session.ts'
import { onPush } from '../lib/socket.ts'
import { clockText, ErrorNote, useLeft, When } from '../ui/marks.tsx'
import { Telephone } from '../ui/telephone.tsx'

const againEveryMs = 5_000
type Answer = (typeof testCallAnswers)[number]

/** The resident whom I call now: ring, ask to press, and the press itself says that it is done. */
export function TestCall({ id, changed, next }: { id: string; changed: () => void; next: (campaign: string) => void }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const key = ['test-call', id]
  const { data, error } = useQuery({
    queryKey: key,
    queryFn: () => call(api.testCall, { params: { id } }),
    refetchInterval: ({ state }) => (state.data?.doneAt ? false : againEveryMs),
  })
  useEffect(
    () =>
      onPush('campaign.changed', (push) => {
        if (push.id === id) void client.invalidateQueries({ queryKey: ['test-call', id] })
      }),
    [client, id],
  )
  const heard = {
    onSuccess: (view: TestCallView) => {
      client.setQueryData(key, view)
      changed()
    },
    // The press may have been there first.
    onError: () => void client.invalidateQueries({ queryKey: key }),
  }
  const ask = useMutation({ mutationFn: () => call(api.awaitPress, { params: { id } }), ...heard })
  const end = useMutation({
    mutationFn: (result: Answer) => call(api.endTestCall, { params: { id }, body: { result } }),
    onSuccess: (view, result) => {
      heard.onSuccess(view)
      // They are anybody's again.
      if (result === 'later') next(view.campaignId)
    },
    onError: heard.onError,
  })
  const done = data?.doneAt !== null
  const pressed = data?.result === 'pressed'
  useEffect(() => {
    if (pressed) changed()
  }, [pressed, changed])
  const onward = () => data && next(data.campaignId)
  useKeys(
    !data
      ? []
      : done
        ? [{ key: 'o', does: 'keys.nextOne', run: onward }]
        : [
            { key: 'b', does: 'keys.askToPress', run: () => ask.mutate() },
            ...testCallAnswers.map((answer, i) => ({
              key: String(i + 1),
              does: `unprotected.campaign.result.${answer}`,
              run: () => end.mutate(answer),
            })),
          ],
  )
  if (error) return <ErrorNote error={error} />
  if (!data) return null
  return (
    <article className="card stack test-call" data-work tabIndex={-1}>
      <Whom one={data} />
      {(ask.error ?? end.error) && <ErrorNote error={ask.error ?? end.error} />}
      {done ? (
        <div className="row" role="status">
          <strong className={`chip ${pressed ? 'green' : 'amber'}`}>
            {t(`unprotected.campaign.done.${data.result}`)}
          </strong>
          {pressed && <span>{t('unprotected.campaign.got')}</span>}
          <Button type="primary" onClick={onward}>
            {t('unprotected.campaign.next')} <kbd>O</kbd>
          </Button>
        </div>
      ) : (
        <>
          <div className="row">
            <Button type="primary" loading={ask.isPending} onClick={() => ask.mutate()}>
              {t('unprotected.campaign.ask')} <kbd>B</kbd>
            </Button>
            {data.listeningUntil && <Waiting until={data.listeningUntil} />}
            {testCallAnswers.map((answer, i) => (
              <Button key={answer} onClick={() => end.mutate(answer)}>
                {t(`unprotected.campaign.result.${answer}`)} <kbd>{i + 1}</kbd>
              </Button>
            ))}
          </div>
          <p className="muted">{t('unprotected.campaign.askHint')}</p>
        </>
      )}
    </article>
  )
}

function Waiting({ until }: { until: string }) {
  const { t } = useTranslation()
  const left = useLeft(until)
  if (left <= 0) return null
  return (
    <span className="chip accent" role="status">
      {t('unprotected.campaign.waiting')} <span aria-hidden="true">{clockText(left)}</span>
    </span>
  )
}

function Whom({ one }: { one: TestCallView }) {
  const { t } = useTranslation()
  const known = useKnown()
  const { lineOf } = useAreas()
  return (
    <>
      <div className="row">
        <span className="person-name">{one.name}</span>
        {one.phone ? <Telephone number={one.phone} /> : <span className="chip amber">{t('followUp.noNumber')}</span>}
        <span className="muted">{lineOf(one.areaId)}</span>
        {one.languages.map((language) => (
          <span className="chip accent" key={language}>
            {t(`words.language.${language}`)}
          </span>
        ))}
        {one.hearing !== 'ordinary' && <span className="chip amber">{t(`words.hearing.${one.hearing}`)}</span>}
        {one.risks.map((risk) => (
          <span className="chip red" key={risk}>
            {t(`words.risk.${risk}`)}
          </span>
        ))}
      </div>
      <p className="row muted">
        {t('unprotected.campaign.device')}: {t(`words.device.${one.deviceKind}`)} {known(one.room)} ·{' '}
        {t('unprotected.campaign.lastTest')} <When at={one.lastGoodTestAt} />
      </p>
    </>
  )
}
