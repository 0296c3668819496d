import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Button, Table } from 'antd'
import { useTranslation } from 'react-i18next'
import { accessRoutes as api } from '../../server/contracts/access.ts'
import { call } from '../lib/api.ts'
import { ErrorNote, When } from '../ui/marks.tsx'

/** What a review asks for: everything, or one kind of action. */
const reviews = [undefined, 'break-glass', 'reveal-access', 'shown-to-responder'] as const

/** Who looked at which file, newest first; the looks through a broken glass have a review of their own. */
export function AuditPage() {
  const { t } = useTranslation()
  const { action } = useSearch({ from: '/frame/allowed/audit' })
  const { data, error, fetchNextPage, hasNextPage, isPending } = useInfiniteQuery({
    queryKey: ['audit', action],
    queryFn: ({ pageParam }) => call(api.audit, { query: { limit: 50, cursor: pageParam, action } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
  return (
    <div className="page-inner">
      <div className="spread">
        <h1>{t('shell.place.audit')}</h1>
      </div>
      <nav className="row" style={{ marginBottom: 12 }} aria-label={t('audit.reviews')}>
        {reviews.map((one) => (
          <Link
            key={one ?? 'all'}
            to="/audit"
            search={{ action: one }}
            className={`btn ${one === action ? 'on' : ''}`}
            aria-current={one === action ? 'page' : undefined}
          >
            {t(`audit.review.${one ?? 'all'}`)}
          </Link>
        ))}
      </nav>
      {action === 'break-glass' && <p className="muted">{t('audit.glassHint')}</p>}
      {error && <ErrorNote error={error} />}
      <Table
        size="small"
        rowKey="id"
        loading={isPending}
        pagination={false}
        dataSource={data?.pages.flatMap((one) => one.items) ?? []}
        columns={[
          { title: t('files.at'), render: (_, row) => <When at={row.at} /> },
          { title: t('files.who'), dataIndex: 'accountName' },
          {
            title: t('files.action'),
            render: (_, row) => (
              <span className={`chip ${row.action === 'break-glass' ? 'red' : ''}`}>
                {t(`words.audit.${row.action}`)}
              </span>
            ),
          },
          {
            title: t('files.subject'),
            render: (_, row) => `${t(`words.subject.${row.subjectKind}`)} ${row.subjectId.slice(-8)}`,
          },
          {
            title: t('incident.reason'),
            render: (_, row) =>
              [row.reason, row.words, row.named > 0 && t('audit.named', { n: row.named })].filter(Boolean).join(' · '),
          },
          { title: t('audit.from'), render: (_, row) => [row.address, row.session].filter(Boolean).join(' · ') },
        ]}
      />
      {hasNextPage && (
        <Button style={{ marginTop: 10 }} onClick={() => void fetchNextPage()}>
          {t('ui.more')}
        </Button>
      )}
    </div>
  )
}
