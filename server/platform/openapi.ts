import { z } from 'zod'
import { problem, type Route } from '../contracts/route.ts'
import { base } from './serve.ts'

/** OpenAPI 3.1 of the whole API, printed from the same rows that serve it. */
export function openapi(api: Record<string, Route>): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const [name, route] of Object.entries(api)) {
    const path = base + route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Yihu',
      version: '1',
      description:
        'Community hotline and call assistance. A request that changes something needs the session cookie and a same-origin Origin header.',
    },
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'yihu' },
        device: { type: 'http', scheme: 'bearer', description: 'Device key' },
      },
      responses: {
        problem: {
          description: 'RFC 9457 problem',
          content: { 'application/problem+json': { schema: schemaOf(problem, 'output') } },
        },
      },
    },
  }
}

function operation(name: string, route: Route): object {
  const open = route.permission === 'public' || route.permission === 'responder'
  return {
    operationId: name,
    summary: route.summary,
    'x-permission': route.permission,
    security: open ? [] : [{ [route.permission === 'device' ? 'device' : 'session']: [] }],
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(route.method !== 'GET' && {
      requestBody: { content: { 'application/json': { schema: schemaOf(route.body, 'input') } } },
    }),
    responses: {
      200: { description: 'Done', content: { 'application/json': { schema: schemaOf(route.reply, 'output') } } },
      ...(name === 'receiveAlarm' && {
        201: {
          description: 'Stored for ever',
          content: { 'application/json': { schema: schemaOf(route.reply, 'output') } },
        },
      }),
      default: { $ref: '#/components/responses/problem' },
    },
  }
}

function schemaOf(type: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' })
  return schema
}

function parameters(type: z.ZodType, place: 'path' | 'query'): object[] {
  const schema = schemaOf(type, 'input') as { properties?: Record<string, object>; required?: string[] }
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (schema.required ?? []).includes(name),
    schema: property,
  }))
}
