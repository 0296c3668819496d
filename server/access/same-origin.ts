type Headers = { origin?: string | undefined; host?: string | undefined }

/**
 * Does the request come from our own pages? Its Origin is the host that it was sent to, or the configured public address
 * (the CSRF rule of the API). Without an Origin it does not.
 */
export function sameOrigin({ origin, host }: Headers, publicBaseUrl: string | undefined): boolean {
  if (!origin || !URL.canParse(origin)) return false
  const sent = new URL(origin)
  if (publicBaseUrl && sent.origin === new URL(publicBaseUrl).origin) return true
  return sent.host === host
}
