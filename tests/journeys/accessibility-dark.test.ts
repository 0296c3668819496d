import { accessibleIn } from '../support/accessible.ts'

accessibleIn({ locale: 'en', colorScheme: 'dark' })
