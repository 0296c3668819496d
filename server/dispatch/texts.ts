type Request = { language: string; distanceM: number; promiseAt: Date; service: string; serviceEn: string }

const clockOf = (time: Date, locale: string) =>
  time.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai' })
const far = (metres: number) =>
  metres < 950 ? `${Math.round(metres / 50) * 50} m` : `${(metres / 1000).toFixed(1)} km`

/** What is needed, how far, by when, and the link. Nothing that says who or where. */
export function requestText(request: Request, link: string): string {
  if (request.language === 'en')
    return `[Yihu] ${request.serviceEn}, ${far(request.distanceM)} away, be there by ${clockOf(request.promiseAt, 'en-GB')}. Answer within 1 min: ${link}`
  return `【一呼】${request.service}，距您${far(request.distanceM)}，请于${clockOf(request.promiseAt, 'zh-CN')}前到达。请在1分钟内答复：${link}`
}

export function stoodDownText(request: Request): string {
  if (request.language === 'en') return `[Yihu] ${request.serviceEn}: no longer needed, thank you.`
  return `【一呼】${request.service}：已有人前往或不再需要，谢谢您。`
}
