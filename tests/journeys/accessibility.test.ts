// Words and colours do not depend on each other: two looks show each of both on every page; the other is accessibility-dark.
import { accessibleIn } from '../support/accessible.ts'

accessibleIn({ locale: 'zh-CN', colorScheme: 'light' })
