import { defineConfig } from 'prisma/config'

// Only `prisma generate`, `validate` and `format` are used; migrations are applied by server/platform/migrate.ts.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgres://unused' },
})
