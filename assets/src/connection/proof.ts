/** Whether this browser can tell its node from another: on a page that it does not trust it cannot. */
export function canRecognise(): boolean {
  return (globalThis.crypto as Partial<Crypto> | undefined)?.subtle !== undefined;
}

/** By which the node knows a browser that it let in, and does not learn how it comes in. */
export async function windowId(bearer: string): Promise<string> {
  return hex(await sha256(await sha256(new TextEncoder().encode(bearer)))).slice(0, 16);
}

/**
 * What the node has to answer to a nonce: only it has the bearer's hash, and only at its own port it says so. Whoever
 * got that port while the node was away cannot, and is not told the bearer.
 */
export async function proofOf(bearer: string, port: string, nonce: string): Promise<string> {
  const { subtle } = crypto;
  const hash = await sha256(new TextEncoder().encode(bearer));
  const key = await subtle.importKey("raw", hash, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hex(await subtle.sign("HMAC", key, new TextEncoder().encode(`lanchat ${port} ${nonce}`)));
}

function sha256(bytes: BufferSource): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", bytes);
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (value) => value.toString(16).padStart(2, "0")).join("");
}
