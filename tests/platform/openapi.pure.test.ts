import { expect, test } from 'vitest'
import { api } from '../../server/contracts/api.ts'
import { openapi } from '../../server/platform/openapi.ts'

test('OpenAPI describes every route of the API with its shapes and its permission', () => {
  const described = openapi(api) as {
    paths: Record<
      string,
      Record<
        string,
        { operationId: string; 'x-permission': string; responses: Record<string, unknown>; requestBody?: unknown }
      >
    >
  }
  const operations = Object.values(described.paths).flatMap((path) => Object.values(path))
  expect(operations.map((one) => one.operationId).sort()).toEqual(Object.keys(api).sort())
  expect(described.paths['/api/v1/alarms']?.['post']).toMatchObject({
    'x-permission': 'device',
    responses: { 201: expect.anything(), default: expect.anything() },
  })
  expect(JSON.stringify(described)).toContain('pressedAt')
})
