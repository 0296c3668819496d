import { type ReactNode, useEffect, useRef } from 'react'

const paths = {
  phone:
    'M6.6 10.8a15 15 0 0 0 6.6 6.6l2.2-2.2a1 1 0 0 1 1-.25 11.4 11.4 0 0 0 3.6.58 1 1 0 0 1 1 1V20a1 1 0 0 1-1 1A17 17 0 0 1 3 4a1 1 0 0 1 1-1h3.5a1 1 0 0 1 1 1c0 1.25.2 2.45.57 3.57a1 1 0 0 1-.25 1.02z',
  pencil: 'M3 17.2V21h3.8L17.8 10l-3.8-3.8zM20.7 7a1 1 0 0 0 0-1.4l-2.3-2.3a1 1 0 0 0-1.4 0l-1.8 1.8L18.9 8.9z',
  hangUp:
    'M12 9c-1.6 0-3.2.25-4.6.7v3.1c0 .4-.23.74-.57.9-.98.49-1.87 1.12-2.66 1.85a1 1 0 0 1-1.4-.02L.3 13.06a1 1 0 0 1 0-1.42A16.8 16.8 0 0 1 12 7c4.56 0 8.69 1.77 11.7 4.64a1 1 0 0 1 0 1.42l-2.47 2.47a1 1 0 0 1-1.4.02 11.3 11.3 0 0 0-2.67-1.85 1 1 0 0 1-.56-.9V9.7A15.3 15.3 0 0 0 12 9z',
  back: 'M20 11H7.8l5.6-5.6L12 4l-8 8 8 8 1.4-1.4L7.8 13H20z',
  send: 'M2 21l21-9L2 3v7l15 2-15 2z',
  home: 'M10 20v-6h4v6h5v-8h3L12 3 2 12h3v8z',
}

export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg className="kiosk-icon" viewBox="0 0 24 24" aria-hidden="true" fill="currentColor">
      <path d={paths[name]} />
    </svg>
  )
}

/** The one heading of a screen; whoever reads by ear or keyboard begins at it when the screen comes. */
export function Heading({ children }: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  )
}

type Kind = 'call' | 'write' | 'stop' | 'plain'
export function Big({
  kind = 'plain',
  icon,
  onPress,
  disabled,
  children,
}: {
  kind?: Kind
  icon?: keyof typeof paths
  onPress: () => void
  disabled?: boolean
  children: ReactNode
}) {
  return (
    <button type="button" className={`kiosk-big ${kind}`} disabled={disabled} onClick={onPress}>
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  )
}
