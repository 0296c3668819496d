import { createRoot } from 'react-dom/client'
import '@fontsource-variable/noto-sans-sc/index.css'
import './ui/tokens.css'
import './lib/i18n.ts'
import { startTheme } from './lib/theme.ts'

startTheme()
const root = createRoot(document.getElementById('root') as HTMLElement)

// A cheap phone or a wall screen does not load the console to show one page.
const path = window.location.pathname
if (path.startsWith('/r/')) {
  const { ResponderPage } = await import('./dispatch/responder-page.tsx')
  root.render(<ResponderPage token={path.slice(3)} />)
} else if (path === '/kiosk') {
  const { KioskPage } = await import('./kiosk/kiosk-page.tsx')
  root.render(<KioskPage />)
} else if (path === '/simulator') {
  const { SimulatorPage } = await import('./dispatch/simulator-page.tsx')
  root.render(<SimulatorPage />)
} else if (path === '/password') {
  const { SetPassword } = await import('./access/set-password.tsx')
  root.render(<SetPassword token={window.location.hash.slice(1)} />)
} else {
  const { App } = await import('./app.tsx')
  root.render(<App />)
}
