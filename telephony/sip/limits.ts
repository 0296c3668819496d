/** What one message, one address and one peer may ask of us. Each number has its reason beside it. */

// A trunk's INVITE with certificates of its origin (RFC 8224) and ten Vias has 6 KB; nothing honest comes near 16.
export const headBytesMax = 16_384
// SDP and SCAIP have 2 KB, a multipart with a location 8; over UDP no more than 64 KB can come at all.
export const bodyBytesMax = 49_152
// The longest message of RFC 4475 has 49 headers.
export const headersMax = 128
// 70 hops are the most that Max-Forwards allows by default.
export const viasMax = 70

// Above this a request may be cut up on its way and lost [RFC 3261 18.1.1]; it goes all the same, for a trunk on UDP has
// nothing else, and the log says so.
export const datagramBytesWarn = 1_300

// A company's telephones sit behind one address; a scanner does not get to hold a thousand sockets.
export const connectionsPerAddressMax = 32
export const connectionsMax = 1_000
// Whoever connects and says nothing that we take is let go soon.
export const strangerIdleMs = 10_000
// A telephone registers again within the hour, and says at least that on its connection.
export const knownIdleMs = 3_900_000
// A handshake or a connection that takes longer will not become a call.
export const connectMsMax = 10_000
// What a peer does not take from its socket is not kept for it.
export const unsentBytesMax = 1_000_000

// What we have under way at once. A thousand calls that ring have some three transactions each.
export const transactionsMax = 20_000

// An allowed trunk may bring a whole district's alarms after a power cut; above this it runs wild, and gets 503.
export const trunkRate = { perSecond: 1_000, burst: 3_000 }
// One telephone does not dial ten times a second.
export const telephoneRate = { perSecond: 10, burst: 60 }
// Unknown addresses are told at most so often that a password is needed; a telephone that is set up needs one or two.
export const strangerRate = { perSecond: 0.2, burst: 20 }
// A building's devices behind one address: each says something every five minutes, and all at once after a power cut.
export const guestRate = { perSecond: 20, burst: 400 }
// One device of them: it is asked for its secret with each word, and says again what was not answered.
export const oneGuestRate = { perSecond: 2, burst: 30 }
// Of units that nobody knows so many are shown to a person from one address; the same one only counts up.
export const unknownRate = { perSecond: 0.02, burst: 20 }
// A secret that was changed is wrong a few times until the unit has it; each time that many more somebody should look.
export const wrongTold = 4
// Who is looked up at once; a device that finds no place says it again.
export const lookUpsMax = 1_000
// So many wrong passwords and the address is not answered any more, for so long.
export const wrongPasswordsMax = 8
export const shutOutMs = 15 * 60_000
// Addresses that are remembered for this; the longest unseen is forgotten.
export const addressesMax = 10_000

// A nonce lives for a call set-up and its retries, so that one that was overheard is soon worth nothing.
export const nonceMs = 5 * 60_000
// Each is one that was used with the right password; a telephone uses a few in five minutes.
export const noncesMax = 50_000

// A telephone that asks for less would register all day; one that asks for more would be thought there for hours after it
// lost its power.
export const registrationSecondsMin = 60
export const registrationSecondsMax = 3_600
// A desk telephone, its cordless handset, a softphone, and one spare for an address that has changed.
export const contactsMax = 4

// [RFC 4028 4] The least that is allowed, and the value that it recommends.
export const sessionSecondsMin = 90
export const sessionSeconds = 1_800

// A trunk that is dead is seen within a minute, and one that is back within ten seconds.
export const keepAliveMs = 30_000
export const keepAliveDownMs = 10_000

// [RFC 3261 16.6, timer C] Networks let go of what rings for longer than three minutes.
export const ringMsMax = 180_000

// Who is refused with 503 may try again after this [RFC 3261 20.33]; a trunk sends the call another way at once.
export const comeAgain: [string, string][] = [['retry-after', '5']]
