export function rate() {}
