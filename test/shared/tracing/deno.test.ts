/** One trace through processes of Deno, whose own OpenTelemetry (`OTEL_DENO`) sends the spans to a collector. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { Program } from '../../support/cli/program.ts'
import { treeOf, type WrittenSpan } from './spans.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const caller = 'b7ad6b7169203331'

type Sent = WrittenSpan & { readonly parentSpanId?: string }
interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Sent[] }[] }[]
}

/** A collector, and the spans of the trace that it was sent. */
async function collect(): Promise<{ readonly url: string; readonly spans: readonly WrittenSpan[] }> {
  const spans: WrittenSpan[] = []
  const server = createServer((request, response) => {
    void text(request).then(body => {
      response.setHeader('content-type', 'application/json').end('{}')
      if (request.url !== '/v1/traces') return
      const { resourceSpans } = JSON.parse(body) as Export
      for (const { scopeSpans } of resourceSpans)
        for (const { spans: sent } of scopeSpans)
          spans.push(
            ...sent
              .filter(span => span.traceId === traceId)
              .map(span => ({ ...span, parentId: span.parentSpanId ?? '' })),
          )
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans }
}

test.skipIf(readPrepared().deno !== undefined)('a job is dispatched, relayed and run in one trace', async () => {
  const { url: collector, spans } = await collect()
  const env: Record<string, string> = {
    STOMP_PORT: '0',
    OTEL_DENO: 'true',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  }
  const deno = (args: readonly string[], more: Record<string, string> = {}): Program =>
    new Program(['deno', 'run', '--quiet', '-A', 'cli/main.ts', ...args], { env: { ...env, ...more } })
  await using bridge = deno(['serve', '--broker', 'embedded', '--port', '0'])
  const [, url = ''] = await bridge.says(/^ready (\S+)$/m)
  env['DROVER_URL'] = url.replace(/^http:\/\//, 'ws://foo:bar@').concat('/stomp')
  await using worker = deno(['worker', 'test/shared/tracing/fixtures/tasks.ts'])
  await worker.says(/takes .* from/)
  const TRACEPARENT = `00-${traceId}-${caller}-01`
  await using master = deno(['dispatch', 'shop.process', '--input', '{"text":"hello"}'], { TRACEPARENT })
  const { code, stdout } = await master.ended
  expect([code, stdout]).toEqual([0, expect.stringContaining(`00-${traceId}-`)])
  await expect
    .poll(() => treeOf(spans), { timeout: 15_000 })
    .toEqual([
      `dispatch shop.process < ${caller}`,
      'outcome shop.process < run shop.process',
      'own < run shop.process',
      'relay shop.process < dispatch shop.process',
      'run shop.process < dispatch shop.process',
      'wait shop.process < dispatch shop.process',
    ])
})
