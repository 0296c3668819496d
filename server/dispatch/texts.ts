import { centreZone } from '../contracts/days.ts'

type Request = { language: string; distanceM: number; promiseAt: Date; service: string; serviceEn: string }

const clockOf = (time: Date, locale: string) =>
  time.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', timeZone: centreZone })
const far = (metres: number) =>
  metres < 950 ? `${Math.round(metres / 50) * 50} m` : `${(metres / 1000).toFixed(1)} km`

/** What is needed, how far, by when, and the link. Nothing that says who or where. `byMessage`: an answer by message is understood. */
export function requestText(request: Request, link: string, byMessage: boolean): string {
  if (request.language === 'en')
    return `[Yihu] ${request.serviceEn}, ${far(request.distanceM)} away, be there by ${clockOf(request.promiseAt, 'en-GB')}. Answer within 1 min: ${link}${byMessage ? ' or reply 1 = yes, 2 = no' : ''}`
  return `【一呼】${request.service}，距您${far(request.distanceM)}，请于${clockOf(request.promiseAt, 'zh-CN')}前到达。请在1分钟内答复：${link}${byMessage ? ' 或回复1接受、2不能去' : ''}`
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

export function stoodDownText(request: Request): string {
  if (request.language === 'en') return `[Yihu] ${request.serviceEn}: no longer needed, thank you.`
  return `【一呼】${request.service}：已有人前往或不再需要，谢谢您。`
}
