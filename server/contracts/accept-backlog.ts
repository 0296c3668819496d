/**
 * How many connections the kernel keeps for a port until we take them. Node's own 511 is less than what comes back at once after an outage,
 * and whoever is turned away there tries again only after a second (RFC 6298, 2.1): too long for a press. Linux takes no more than
 * `net.core.somaxconn`, which is 4,096 by itself.
 */
export const acceptBacklog = 4_096
