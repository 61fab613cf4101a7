/** Random hex digits. `crypto.randomUUID` is absent on a page that came over plain http; this is not. */
export function randomHex(bytes: number): string {
  const values = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(values, (value) => value.toString(16).padStart(2, "0")).join("");
}
