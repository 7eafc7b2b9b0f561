import { hostname, networkInterfaces } from 'node:os';

export interface ListeningOn {
  host: string;
  port: number;
  /** TLS */
  secure: boolean;
}

const ANY = new Set(['0.0.0.0', '::']);

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

export function urlOf({ host, port, secure }: ListeningOn): string {
  return `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** `scheme://host:port` of all addresses under which this machine knows that it is reached. */
export function namesOf(server: ListeningOn): string[] {
  const { host } = server;
  const own = ANY.has(host)
    ? [
        hostname(),
        ...Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
      ]
    : [];
  const loopback = ANY.has(host) || isLoopback(host) ? ['localhost', '127.0.0.1', '::1'] : [];
  return [...new Set([host, ...own, ...loopback])].map((name) => urlOf({ ...server, host: name }));
}
