import type http from 'node:http'

/** Starts a server on a free port of the loopback address; answers where it is. */
export async function listenOnLoopback(server: http.Server): Promise<{ readonly port: number; readonly url: string }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, url: `http://127.0.0.1:${port}` }
}
