export function nodeFault(version: string): string | undefined
