import { z } from 'zod'
import { versioned } from './access.ts'
import { count, route } from './route.ts'
import { typed } from './text.ts'
import { alarmTypes, catalogueClasses, skills } from './vocabulary.ts'

/** A triage question: one key for each answer (1–9); answers `yes`, `no` and `unsure` are 1, 2 and 3 in whatever order they stand. An answer may raise the class, or point at ambulance advice. */
export const triageQuestion = z.object({
  id: z.string().max(40),
  text: z.string().max(200),
  textEn: z.string().max(200),
  answers: z
    .array(
      z.object({
        id: z.string().max(40),
        text: z.string().max(120),
        textEn: z.string().max(120),
        priority: z.number().int().min(1).max(5).optional(),
        advise: z.enum(['120', '110', '119']).optional(),
      }),
    )
    .min(2)
    .max(9),
})
export type TriageQuestion = z.infer<typeof triageQuestion>

export const catalogueForm = z.object({
  code: z.string().regex(/^[a-z0-9-]{2,40}$/),
  name: typed().min(1).max(60),
  nameEn: typed().min(1).max(80),
  class: z.enum(catalogueClasses),
  priority: z.number().int().min(1).max(5),
  /** What the helper must be able to do. */
  skill: z.enum(skills),
  /** Minutes from dispatch until somebody is there. */
  targetMinutes: z.number().int().min(1).max(10080),
  priceFen: count,
  subsidyFen: count,
  questions: z.array(triageQuestion).max(12),
  /** The signals of devices that propose it. */
  firedBy: z.array(z.enum(alarmTypes)).default([]),
  active: z.boolean(),
  position: count,
})
export const catalogueView = catalogueForm.extend({ version: z.number().int() })
export type CatalogueForm = z.infer<typeof catalogueForm>
export type CatalogueView = z.infer<typeof catalogueView>

export const catalogueRoutes = {
  catalogue: route({
    method: 'GET',
    path: '/catalogue',
    permission: 'signed-in',
    summary: 'The service catalogue',
    reply: z.object({ items: z.array(catalogueView), next: z.null() }),
  }),
  createCatalogueItem: route({
    method: 'POST',
    path: '/catalogue',
    permission: 'administer',
    summary: 'Add a service',
    body: catalogueForm,
    reply: catalogueView,
  }),
  updateCatalogueItem: route({
    method: 'PUT',
    path: '/catalogue/:code',
    permission: 'administer',
    summary: 'Change a service',
    params: z.object({ code: z.string().max(40) }),
    body: versioned(catalogueForm),
    reply: catalogueView,
  }),
}
