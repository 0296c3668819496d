import { centreZone } from '../contracts/days.ts'
import { farText } from '../contracts/distance.ts'

type Request = { language: string; distanceM: number | null; promiseAt: Date; service: string; serviceEn: string }

const clockOf = (time: Date, locale: string) =>
  time.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', timeZone: centreZone })
/** What is needed, how far, by when, and the link. Nothing that says who or where. `byMessage`: an answer by message is understood. */
export function requestText(request: Request, link: string, byMessage: boolean): string {
  // Where either is may be unknown: then nothing is said of it.
  const far = request.distanceM === null ? undefined : farText(request.distanceM)
  if (request.language === 'en')
    return `[Yihu] ${request.serviceEn}${far ? `, ${far} away` : ''}, be there by ${clockOf(request.promiseAt, 'en-GB')}. Answer within 1 min: ${link}${byMessage ? ' or reply 1 = yes, 2 = no' : ''}`
  return `【一呼】${request.service}${far ? `，距您 ${far}` : ''}，请于${clockOf(request.promiseAt, 'zh-CN')}前到达。请在1分钟内答复：${link}${byMessage ? ' 或回复1接受、2不能去' : ''}`
}

export const acceptedText = (language: string, link: string): string =>
  language === 'en' ? `[Yihu] Thank you. Where it is: ${link}` : `【一呼】谢谢您接受。地址见：${link}`

export const handedBackText = (language: string): string =>
  language === 'en'
    ? '[Yihu] Noted: you cannot come. The operator has been told.'
    : '【一呼】已记下您不能前往，值班员已知道。'

export const tooLateText = (language: string): string =>
  language === 'en'
    ? '[Yihu] This request is no longer open, or you are on another one. Thank you.'
    : '【一呼】该请求已结束，或您正在处理另一项任务。谢谢您。'

/** Only what is true: that somebody goes is told when somebody does, and not when the time of the question ran out. */
export function notNeededText(request: Request & { status: string; reason: string | null }): string {
  const en = request.language === 'en'
  if (request.status === 'expired')
    return en
      ? `[Yihu] ${request.serviceEn}: the time to answer is over, you need not go. Thank you.`
      : `【一呼】${request.service}：答复时间已过，您不必再前往，谢谢您。`
  if (request.reason === 'enough-accepted')
    return en
      ? `[Yihu] ${request.serviceEn}: somebody else is going, thank you.`
      : `【一呼】${request.service}：已有其他人前往，谢谢您。`
  return en
    ? `[Yihu] ${request.serviceEn}: no longer needed, thank you.`
    : `【一呼】${request.service}：不再需要前往，谢谢您。`
}

const outcomes: Record<string, [zh: string, en: string]> = {
  'helped-on-site': ['已有人上门帮助', 'somebody went there and helped'],
  'helped-by-phone': ['已在电话中得到帮助', 'we helped by telephone'],
  'handed-to-120': ['已转交 120 急救', 'the ambulance (120) has taken over'],
  'handed-to-110': ['已转交 110', 'the police (110) have taken over'],
  'handed-to-119': ['已转交 119', 'the fire brigade (119) has taken over'],
  'could-not-reach': ['我们没有联系上本人，请您与其联系', 'we did not reach them; please try yourself'],
}

/** To the family, which the resident wants to be told: that they called, when, and what came of it. Nothing of health or address. */
export function familyText(told: {
  language: string
  name: string
  at: Date
  outcome: string | null
  line: string | null
}): string {
  const [zh, en] = outcomes[told.outcome ?? ''] ?? ['我们正在处理', 'we are seeing to it']
  if (told.language === 'en')
    return `[Yihu] ${told.name} called for help at ${clockOf(told.at, 'en-GB')}: ${en}.${told.line ? ` Questions: ring ${told.line}.` : ''}`
  return `【一呼】${told.name}于${clockOf(told.at, 'zh-CN')}向我们求助：${zh}。${told.line ? `如需了解请致电${told.line}。` : ''}`
}
