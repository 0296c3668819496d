/** What the on-call telephone is told at 60 s, spoken: what, where, how long, what to do. No name: anybody may pick up. */
export function onCallText(row: {
  number: number
  class: number
  kind: string
  area: string
  areaEn: string
  waitedMs: number
}): string {
  const seconds = Math.round(row.waitedMs / 1000)
  return (
    `【一呼】${row.area}有${row.class === 1 ? '紧急' : ''}呼叫（编号 ${row.number}）${seconds} 秒无人接听，请立即登录值班台或联系班长。` +
    ` / ${row.areaEn}: call no. ${row.number} unanswered for ${seconds} s. Sign in, or ring the team leader.`
  )
}
