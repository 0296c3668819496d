/** The closed word lists of the product. One word has one meaning in every room, on the wire and in the database. */
export const areaLevels = ['district', 'street', 'community'] as const
export const roles = [
  'operator',
  'supervisor',
  'dispatcher',
  'provider-manager',
  'volunteer-coordinator',
  'area-administrator',
  'auditor',
] as const
export const languages = ['zh', 'yue', 'wuu', 'nan', 'hak', 'ug', 'bo', 'en', 'sign'] as const
export const hearings = ['ordinary', 'hard-of-hearing', 'deaf'] as const
export const speeches = ['ordinary', 'impaired', 'none'] as const
export const mobilities = ['ordinary', 'stick', 'wheelchair', 'bedbound'] as const
export const sexes = ['female', 'male', 'unknown'] as const
export const risks = [
  'alone',
  'oxygen',
  'dementia',
  'falls',
  'heart',
  'stroke',
  'diabetes',
  'epilepsy',
  'dog',
  'self-harm',
  'blind',
] as const
export const protocols = ['http', 'scaip', 'dc09', 'contact-id', 'mqtt', 'coap', 'webhook', 'lorawan', 'web'] as const
/** Through devices of these somebody can be spoken with. */
export const spokenProtocols = ['scaip', 'contact-id'] as const
/** Their devices show us no key: a network server or the line's number stands for them. */
export const keylessProtocols: readonly string[] = ['lorawan', 'contact-id']
export const deviceKinds = [
  'pendant',
  'bedside',
  'pull-cord',
  'one-key-phone',
  'fall-sensor',
  'smoke',
  'gas',
  'kiosk',
  /** What other devices report through. */
  'gateway',
] as const
/** Not heard for longer than its type promises; and for so long that somebody looks after its resident. */
export const silences = ['late', 'lost'] as const
export const deviceStates = ['registered', 'activated', 'in-service', 'in-test', 'out-of-service'] as const
export const alarmTypes = [
  'button',
  'fall',
  'smoke',
  'gas',
  'flood',
  'inactivity',
  /** A code that we have no word for: somebody may be in need. */
  'unknown',
  'low-battery',
  /** The mains supply of the device failed. */
  'mains',
  /** A way on which it reports failed, or it did not report. */
  'line',
  'fault',
  'tamper',
  'test',
] as const
export const skills = [
  'first-aid',
  'care',
  'lifting',
  'home-help',
  'meals',
  'repair',
  'locksmith',
  'electric',
  'plumbing',
  'company',
  'transport',
  'paperwork',
] as const
export const operatorSkills = ['emergency', 'general', 'technical'] as const
export const catalogueClasses = ['public', 'convenience', 'voluntary', 'emergency'] as const
export const responderKinds = ['staff', 'community-worker', 'volunteer'] as const
export const travels = ['foot', 'bicycle', 'car'] as const
/** How a responder wants to be asked to come. */
export const toldBys = ['app', 'sms', 'call'] as const
export const providerKinds = [
  'care',
  'housekeeping',
  'repair',
  'meals',
  'medical',
  'social-organisation',
  'property',
] as const
export const incidentStatuses = ['waiting', 'triage', 'response', 'wrap-up', 'closed'] as const
export const offerStatuses = ['ringing', 'accepted', 'declined', 'expired', 'withdrawn'] as const
export const assignmentStatuses = [
  'requested',
  'accepted',
  'en-route',
  'on-scene',
  'cleared',
  'declined',
  'expired',
  'stood-down',
] as const
export const presenceStatuses = ['available', 'on-call', 'wrap-up', 'break', 'away'] as const
export const breakReasons = ['meal', 'rest', 'training', 'meeting', 'equipment'] as const
export const dispositions = [
  'helped-on-site',
  'helped-by-phone',
  'handed-to-120',
  'handed-to-110',
  'handed-to-119',
  'accidental-press',
  'no-help-needed',
  'equipment-fault',
  'test',
  'could-not-reach',
  'needs-review',
] as const
export const declineReasons = ['busy', 'too-far', 'off-duty', 'not-qualified', 'unwell', 'other'] as const
/** Numbers that are dialled as they are: police, fire brigade, ambulance, traffic police. */
export const emergencyNumbers = ['110', '119', '120', '122'] as const
export const isEmergencyNumber = (number: string): boolean => emergencyNumbers.some((one) => one === number)
export const callBackReasons = [
  'abandoned',
  'lost',
  'media-lost',
  'not-taken',
  'asked',
  'voicemail',
  /** An alarm unit that was told to call has not; one asks to be called. */
  'unit-silent',
  'unit-asked',
] as const
export const contactResults = ['reached', 'no-answer', 'wrong-number', 'refuses'] as const
/** What the audit says of a file: who saw it, opened it without owning the incident, or changed it. */
export const auditActions = [
  'look',
  'break-glass',
  'reveal-access',
  'shown-to-responder',
  'candidates',
  'play-recording',
  'delete-recording',
  'upload-prompt',
  'approve-prompt',
  'reset-prompt',
  'contact-reached',
  'contact-no-answer',
  'contact-wrong-number',
  'contact-refuses',
  'create',
  'change',
  'issue-key',
  'await-press',
  'revoke-key',
  'listen-call',
  'sign-in',
  'sign-in-failed',
  'sign-out',
  'confirm-password',
  'change-password',
  'make-password-link',
  'use-password-link',
  'end-session',
  'ask-role',
  'approve-role',
  'search',
] as const
export const locales = ['zh-CN', 'en'] as const

export type AreaLevel = (typeof areaLevels)[number]
export type Role = (typeof roles)[number]
export type Language = (typeof languages)[number]
export type Risk = (typeof risks)[number]
export type DeviceState = (typeof deviceStates)[number]
export type CallBackReason = (typeof callBackReasons)[number]
export type DeviceKind = (typeof deviceKinds)[number]
export type Protocol = (typeof protocols)[number]
export type AlarmType = (typeof alarmTypes)[number]
export type ToldBy = (typeof toldBys)[number]
export type Skill = (typeof skills)[number]
export type IncidentStatus = (typeof incidentStatuses)[number]
export type OfferStatus = (typeof offerStatuses)[number]
export type AssignmentStatus = (typeof assignmentStatuses)[number]
export type PresenceStatus = (typeof presenceStatuses)[number]
export type Disposition = (typeof dispositions)[number]
export type AuditAction = (typeof auditActions)[number]
export type Locale = (typeof locales)[number]
