import { z } from 'zod'
import { idParams, page, pageQuery, route, searchWords, version } from './route.ts'
import { typed } from './text.ts'
import { areaLevels, auditActions, languages, locales, operatorSkills, roles } from './vocabulary.ts'

export const areaView = z.object({
  id: z.uuid(),
  parentId: z.uuid().nullable(),
  level: z.enum(areaLevels),
  name: z.string(),
  nameEn: z.string(),
  path: z.string(),
  lat: z.number(),
  lon: z.number(),
  onCallPhone: z.string().nullable(),
  version: z.number().int(),
})
export type AreaView = z.infer<typeof areaView>

export const areaForm = z.object({
  parentId: z.uuid().nullable(),
  level: z.enum(areaLevels),
  name: typed().min(1).max(60),
  nameEn: typed().min(1).max(80),
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  onCallPhone: typed().max(30).nullable(),
})

export const accountView = z.object({
  id: z.uuid(),
  username: z.string(),
  name: z.string(),
  phone: z.string().nullable(),
  locale: z.enum(locales),
  languages: z.array(z.enum(languages)),
  skills: z.array(z.enum(operatorSkills)),
  capacity: z.number().int(),
  active: z.boolean(),
  roles: z.array(z.object({ role: z.enum(roles), areaId: z.uuid() })),
  /** Held when another administrator has said yes, because together they are too much for one person. */
  asked: z.array(z.object({ role: z.enum(roles), areaId: z.uuid(), askedBy: z.uuid() })),
  version: z.number().int(),
})
export type AccountView = z.infer<typeof accountView>

export const accountForm = z.object({
  username: z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9._-]{2,39}$/),
  name: typed().min(1).max(60),
  phone: typed().max(30).nullable(),
  locale: z.enum(locales),
  languages: z.array(z.enum(languages)).min(1),
  skills: z.array(z.enum(operatorSkills)),
  capacity: z.number().int().min(1).max(10),
  active: z.boolean(),
  roles: z.array(z.object({ role: z.enum(roles), areaId: z.uuid() })).min(1),
})
export type AccountForm = z.infer<typeof accountForm>

/** Who is signed in, and what the console may show. */
export const me = z.object({
  id: z.uuid(),
  username: z.string(),
  name: z.string(),
  locale: z.enum(locales),
  permissions: z.array(z.string()),
  roles: z.array(z.object({ role: z.enum(roles), areaId: z.uuid() })),
  demo: z.boolean(),
  serverTime: z.iso.datetime(),
  /** Of the centre: every hour in the console is in it. */
  zone: z.string(),
  /** The session ends then, though never with somebody in need in hand; and unused after so long, save for who is on duty. */
  endsAt: z.iso.datetime(),
  idleEndsMs: z.number().int(),
  /** Their sign-in before this one, and whether somebody changed their password since: they see what they have not done. */
  before: z.object({ at: z.iso.datetime(), address: z.string().nullable() }).nullable(),
  passwordChanged: z.object({ at: z.iso.datetime(), by: z.string().nullable() }).nullable(),
})
export type Me = z.infer<typeof me>

export const versioned = <T extends z.ZodType>(form: T) => z.object({ version, form })

// A real person needs a few tries; a whole shift may stand behind one address.
const signInsPerMinute = 20

/** A look through a broken glass; `own`: who asks has looked, and somebody else reviews it. */
const lookToReview = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  accountName: z.string(),
  own: z.boolean(),
  reason: z.string().nullable(),
  incidentId: z.uuid(),
  incidentNumber: z.number().int(),
  areaId: z.uuid(),
})
export type LookToReview = z.infer<typeof lookToReview>
export const reviewLook = z.object({ note: typed().max(300).default('') })

export const accessRoutes = {
  signIn: route({
    method: 'POST',
    path: '/sessions',
    permission: 'public',
    summary: 'Sign in; sets the session cookie',
    perMinute: signInsPerMinute,
    body: z.object({ username: z.string().min(1).max(60), password: z.string().min(1).max(200) }),
    reply: me,
  }),
  signOut: route({
    method: 'DELETE',
    path: '/sessions/current',
    permission: 'signed-in',
    summary: 'Sign out',
    reply: z.object({}),
  }),
  me: route({
    method: 'GET',
    path: '/sessions/current',
    permission: 'signed-in',
    summary: 'Who is signed in',
    reply: me,
  }),
  confirmPassword: route({
    method: 'POST',
    path: '/sessions/current/confirm',
    permission: 'signed-in',
    summary: 'My password again: before accounts are changed, and for another shift in the same session',
    perMinute: signInsPerMinute,
    body: z.object({ password: z.string().min(1).max(200) }),
    reply: me,
  }),
  ownSessions: route({
    method: 'GET',
    path: '/sessions',
    permission: 'signed-in',
    summary: 'Where I am signed in',
    reply: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          own: z.boolean(),
          createdAt: z.iso.datetime(),
          lastSeenAt: z.iso.datetime(),
          address: z.string().nullable(),
          browser: z.string().nullable(),
        }),
      ),
      next: z.null(),
    }),
  }),
  endSession: route({
    method: 'POST',
    path: '/sessions/end',
    permission: 'signed-in',
    summary: 'End one of my sessions, or all but this one',
    body: z.object({
      id: z
        .string()
        .regex(/^[0-9a-f]{12}$/)
        .optional(),
    }),
    reply: z.object({ ended: z.number().int() }),
  }),
  changePassword: route({
    method: 'PUT',
    path: '/sessions/current/password',
    permission: 'signed-in',
    summary: 'Change my password; ends my other sessions',
    perMinute: signInsPerMinute,
    body: z.object({ old: z.string().min(1).max(200), password: z.string().min(1).max(200) }),
    reply: z.object({}),
  }),
  makePasswordLink: route({
    method: 'POST',
    path: '/accounts/:id/password-link',
    permission: 'administer',
    summary: 'A link by which this person sets a password of their own: good once, for a day; shown once',
    params: idParams,
    reply: z.object({ link: z.string(), expiresAt: z.iso.datetime() }),
  }),
  /** The token stands in the body, and behind the # of the link, so that no log keeps it. */
  usePasswordLink: route({
    method: 'POST',
    path: '/password-links/use',
    permission: 'public',
    summary: 'Set my password by a link',
    perMinute: signInsPerMinute,
    body: z.object({ token: z.string().min(1).max(100), password: z.string().min(1).max(200) }),
    reply: z.object({ username: z.string() }),
  }),
  approveRole: route({
    method: 'POST',
    path: '/accounts/:id/approve-role',
    permission: 'administer',
    summary: 'A second administrator says yes, or no, to a role that would make an account too mighty',
    params: idParams,
    body: z.object({ role: z.enum(roles), areaId: z.uuid(), yes: z.boolean() }),
    reply: accountView,
  }),
  setLocale: route({
    method: 'PUT',
    path: '/sessions/current/locale',
    permission: 'signed-in',
    summary: 'Change the language of the console',
    body: z.object({ locale: z.enum(locales) }),
    reply: z.object({}),
  }),
  areas: route({
    method: 'GET',
    path: '/areas',
    permission: 'signed-in',
    summary: 'The areas in scope, parents included',
    reply: z.object({ items: z.array(areaView), next: z.null() }),
  }),
  createArea: route({
    method: 'POST',
    path: '/areas',
    permission: 'administer',
    summary: 'Add an area',
    body: areaForm,
    reply: areaView,
  }),
  updateArea: route({
    method: 'PUT',
    path: '/areas/:id',
    permission: 'administer',
    summary: 'Change an area',
    params: idParams,
    body: versioned(areaForm),
    reply: areaView,
  }),
  accounts: route({
    method: 'GET',
    path: '/accounts',
    permission: 'administer',
    summary: 'Accounts with a role in scope',
    query: pageQuery.extend({ q: searchWords.optional() }),
    reply: page(accountView),
  }),
  createAccount: route({
    method: 'POST',
    path: '/accounts',
    permission: 'administer',
    summary: 'Add an account',
    body: accountForm,
    reply: accountView,
  }),
  updateAccount: route({
    method: 'PUT',
    path: '/accounts/:id',
    permission: 'administer',
    summary: 'Change an account',
    params: idParams,
    body: versioned(accountForm),
    reply: accountView,
  }),
  looksToReview: route({
    method: 'GET',
    path: '/looks-to-review',
    permission: 'supervise',
    summary: 'Looks through a broken glass that no leader has reviewed, oldest first',
    reply: z.object({ items: z.array(lookToReview), next: z.null() }),
  }),
  reviewLook: route({
    method: 'POST',
    path: '/looks-to-review/:id/review',
    permission: 'supervise',
    summary: 'This look was reviewed; not one of my own',
    params: z.object({ id: z.string().regex(/^\d{1,15}$/) }),
    body: reviewLook,
    reply: z.object({}),
  }),
  audit: route({
    method: 'GET',
    path: '/audit',
    slow: true,
    permission: 'read-audit',
    summary: 'Who looked at which file, newest first',
    query: pageQuery.extend({ subjectId: z.string().max(60).optional(), action: z.enum(auditActions).optional() }),
    reply: page(
      z.object({
        id: z.string(),
        at: z.iso.datetime(),
        accountId: z.uuid().nullable(),
        accountName: z.string().nullable(),
        action: z.string(),
        subjectKind: z.string(),
        subjectId: z.string(),
        reason: z.string().nullable(),
        address: z.string().nullable(),
        session: z.string().nullable(),
        /** What was searched for; whom the answer named stands in the table. */
        words: z.string().nullable(),
        named: z.number().int(),
      }),
    ),
  }),
}
