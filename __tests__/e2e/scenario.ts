import { readFileSync } from 'node:fs'
import { inject, test, type TestContext } from 'vitest'
import { Mesh } from './mesh/up.ts'
import { Shop, type ShopOptions } from './mesh/shop.ts'

let count = 0

/** A name for a namespace: unique in the run, readable in a log. */
function newNamespace(name: string): string {
  count += 1
  const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return `${words.slice(0, 24).replace(/-$/, '')}-${process.pid}-${count}`
}

/**
 * A test with a service of its own on the real mesh. What it made is gone when it ends, also when it fails; its files
 * and what the product said stay until the run ends.
 */
export function scenario(name: string, options: ShopOptions, body: (shop: Shop) => Promise<void>): void {
  test.concurrent(name, (context) => inShop(context, options, body))
}

/** The hooks are those of the test's context: the ones of the module belong to whichever test began last. */
export async function inShop(
  { task: { name }, onTestFailed, onTestFinished }: TestContext,
  options: ShopOptions,
  body: (shop: Shop) => Promise<void>,
): Promise<void> {
  const mesh = new Mesh(inject('mesh'))
  onTestFinished(() => mesh.kube.close())
  const kubelet = mesh.processes.logOf('kubelet')
  let shop: Shop | null = null
  // Also of a test that ran out of time, which has no error to put it into.
  onTestFailed(() => {
    const complaints = readFileSync(kubelet, 'utf8').slice(-2000)
    process.stderr.write(`--- ${name}\n${shop?.product.said() ?? ''}\n--- kubelet\n${complaints}\n`)
  })
  shop = await Shop.open(mesh, newNamespace(name), options)
  try {
    await body(shop)
  } finally {
    await shop.close()
  }
}
