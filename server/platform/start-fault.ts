/** A fault at start that a person can mend: its message is one plain sentence saying what is wrong and what to do. */
export class StartFault extends Error {}
