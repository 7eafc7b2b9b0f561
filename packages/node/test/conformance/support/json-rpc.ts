export interface Answer {
  id: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

/** Sends a body as it is, as no client library would. */
export async function post(url: string, body: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body })).json();
}

/** One request, and its whole answer. */
export async function ask(url: string, method: string, params: unknown[] = []): Promise<Answer> {
  return (await post(url, JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }))) as Answer;
}
