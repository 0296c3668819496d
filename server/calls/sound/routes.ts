import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { audit, auditLook } from '../../access/audit.ts'
import { administersDistrict } from '../../access/caller.ts'
import { isLongClosed } from '../../access/closed-matters.ts'
import { callRoutes as api } from '../../contracts/calls.ts'
import { promptRoutes as promptApi } from '../../contracts/prompts.ts'
import type { Caller } from '../../platform/caller.ts'
import type { Parts } from '../../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../../platform/refusal.ts'
import { serve, serveFile } from '../../platform/serve.ts'
import { findRecording } from '../queries.ts'
import { approvePrompt, listPrompts, promptAudio, resetPrompt, shippedAudio, uploadPrompt } from './prompts.ts'
import { removeRecording } from './recordings.ts'

const buckets = 240

/** Recordings and prompts; what changes a call is served by incidents, since both change together. */
export function recordingRoutes(app: FastifyInstance, parts: Parts): void {
  /** Who talked, or a supervisor; a message with which nobody talked, whoever has its incident in hand. Each hearing is in the audit before the first sample is sent. */
  const hear = async (caller: Caller, id: string): Promise<{ durationMs: number } | Refusal> => {
    const found = await findRecording(parts, id)
    if (!found || !caller.may('handle-incident', found.areaPath)) return refuse('not-found')
    const over = isLongClosed(found.closedAt, parts.clock.now())
    const theirs = (found.operatorId ?? found.ownerId) === caller.id && !over
    if (!theirs && !caller.may('supervise', found.areaPath))
      return refuse('not-owner', 'A supervisor can play this recording.')
    if (!(await parts.recordings.isThere(id)))
      return refuse('not-found', 'The file of this recording is no longer there. Ask who looks after the backups.')
    return found
  }
  serve(app, api.waveform, async ({ caller, params }) => {
    const found = await hear(caller, params.id)
    if (isRefusal(found)) return found
    await auditLook(parts, { accountId: caller.id, subjectKind: 'recording', subjectId: params.id })
    return { ...(await parts.recordings.peaks(params.id, buckets)), durationMs: found.durationMs }
  })
  serveFile(app, api.recordingAudio, async ({ caller, params, reply }) => {
    const found = await hear(caller, params.id)
    if (isRefusal(found)) return found
    await audit(parts, {
      accountId: caller.id,
      action: 'play-recording',
      subjectKind: 'recording',
      subjectId: params.id,
    })
    return sound(reply, Readable.from(parts.recordings.wav(params.id)))
  })
  serve(app, api.deleteRecording, async ({ caller, params, body }) => {
    const found = await findRecording(parts, params.id)
    if (!found || !caller.may('supervise', found.areaPath)) return refuse('not-found')
    await removeRecording(parts, params.id, { accountId: caller.id, reason: body.reason })
    await audit(parts, {
      accountId: caller.id,
      action: 'delete-recording',
      subjectKind: 'recording',
      subjectId: params.id,
      reason: body.reason,
    })
    return {}
  })

  serve(app, promptApi.prompts, async () => ({ items: await listPrompts(parts), next: null }))
  /** Every caller of the centre hears them, whatever street they live in. */
  const ofDistrict = async <T>(caller: Caller, change: () => Promise<T>): Promise<T | Refusal> =>
    administersDistrict(caller)
      ? change()
      : refuse('forbidden', 'Only an administrator of the district changes what callers hear.')
  serve(app, promptApi.uploadPrompt, ({ caller, params, body }) =>
    ofDistrict(caller, () => uploadPrompt(parts, caller, params, Buffer.from(body.wav, 'base64'))),
  )
  serve(app, promptApi.approvePrompt, ({ caller, params, body }) =>
    ofDistrict(caller, () => approvePrompt(parts, caller, params, body.id)),
  )
  serve(app, promptApi.resetPrompt, ({ caller, params }) =>
    ofDistrict(caller, () => resetPrompt(parts, caller, params)),
  )
  serveFile(app, promptApi.shippedPrompt, async ({ params, reply }) =>
    sound(reply, Readable.from([await shippedAudio(parts, params)])),
  )
  serveFile(app, promptApi.promptAudio, async ({ params, reply }) => {
    const audio = await promptAudio(parts, params.id)
    return audio ? sound(reply, Readable.from([audio])) : refuse('not-found')
  })
}

const sound = (reply: FastifyReply, stream: Readable) =>
  reply.header('content-type', 'audio/wav').header('cache-control', 'no-store').send(stream)
