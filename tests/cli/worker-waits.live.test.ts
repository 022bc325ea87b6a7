// A worker that starts before its servers do: it says for whom it waits, and works when they are there.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { spawnCommand } from './live-command.ts'
import { serverGate } from './server-gate.ts'
import { sluice, sluiceJson } from './streams.ts'
import { pearEvents, type TemporaryProject, temporaryProject } from './temporary-project.ts'

const endpoints = inject('endpoints')
let project: TemporaryProject
beforeAll(async () => {
  project = await temporaryProject(endpoints)
  await sluice(['apply', 'pears'], project.env)
  const file = join(project.directory, 'pears.ndjson')
  writeFileSync(file, pearEvents(50))
  await sluice(['send', 'pears', '--file', file], project.env)
})
afterAll(() => project.remove())

test('one after the other comes', { timeout: 120_000 }, async () => {
  const temporal = await serverGate(endpoints.temporal.address)
  const s3 = await serverGate(endpoints.s3.endpoint!.replace('http://', ''))
  const kafka = await serverGate(endpoints.kafka.brokers[0]!)
  for (const gate of [temporal, s3, kafka]) await gate.shut()
  const worker = spawnCommand(['worker', '--queues', 'main'], {
    ...project.env,
    SLUICE_TEMPORAL_ADDRESS: temporal.address,
    SLUICE_S3_ENDPOINT: `http://${s3.address}`,
    SLUICE_KAFKA_BROKERS: kafka.address,
  })
  try {
    expect(await worker.says(`waits for Temporal at ${temporal.address} since 20`)).toBeLessThan(6_000)
    await temporal.open()
    await worker.says(`Temporal at ${temporal.address} is there`)
    await worker.says(`waits for S3 at http://${s3.address} since 20`)
    await s3.open()
    await worker.says(`S3 at http://${s3.address} is there`)
    await worker.says('worker: ready')
    await worker.says(`waits for Kafka at ${kafka.address} since 20`)
    await kafka.open()
    await worker.says(`Kafka at ${kafka.address} is there`)
    expect(worker.text()).toContain('next: start it, or correct the settings')
    expect(worker.text()).not.toMatch(/^ {4}at /m)
    expect(await sluiceJson(['ingest', 'pears'], project.env)).toMatchObject({ code: 0, answer: { rows: 50 } })
    expect(await worker.end('SIGTERM')).toMatchObject({ code: 0 })
  } finally {
    worker.child.kill('SIGKILL')
    for (const gate of [temporal, s3, kafka]) await gate.shut()
  }
})

test('what no wait cures ends it, in words', { timeout: 60_000 }, async () => {
  const worker = spawnCommand(['worker', '--queues', 'main'], { ...project.env, AWS_SECRET_ACCESS_KEY: 'wrong' })
  const [code] = await worker.ended
  expect(code).not.toBe(0)
  expect(worker.errors()).toMatch(/^STORE_REFUSED: .*\nnext: /m)
  expect(worker.errors()).not.toMatch(/^ {4}at /m)
})
