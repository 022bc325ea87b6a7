// What Prometheus reads: counters, a histogram whose bounds are inclusive and cumulative, and labels of any text.
import { expect, test } from 'vitest'
import { createServingMetrics } from '../../serving/metrics.ts'

const linesOf = (text: string, name: string) => text.split('\n').filter((line) => line.startsWith(name))

test('a bucket counts what is as slow as its bound, and all that is faster', () => {
  const metrics = createServingMetrics()
  for (const seconds of [0.001, 0.0025, 0.3, 7]) metrics.observe({ pipeline: 'p', status: 200, rows: 1, seconds })
  const buckets = linesOf(metrics.render({}), 'sluice_serve_seconds_bucket')
  const counts = Object.fromEntries(buckets.map((line) => [/le="(.*)"/.exec(line)![1], Number(line.split(' ')[1])]))
  expect(counts).toMatchObject({ '0.001': 1, '0.0025': 2, '0.25': 2, '0.5': 3, '2.5': 3, '+Inf': 4 })
  expect(linesOf(metrics.render({}), 'sluice_serve_seconds_count')).toEqual([
    'sluice_serve_seconds_count{pipeline="p"} 4',
  ])
  expect(linesOf(metrics.render({}), 'sluice_serve_seconds_sum')).toEqual([
    'sluice_serve_seconds_sum{pipeline="p"} 7.3035',
  ])
})

test('requests count by status, rows and loads by what became of them', () => {
  const metrics = createServingMetrics()
  metrics.observe({ pipeline: 'p', status: 200, rows: 3, seconds: 0 })
  metrics.observe({ pipeline: 'p', status: 200, rows: 2, seconds: 0 })
  metrics.observe({ pipeline: 'p', status: 400, rows: 0, seconds: 0 })
  metrics.countLoad('p', 'loaded')
  metrics.countLoad('p', 'refused')
  metrics.countLoad('p', 'refused')
  const text = metrics.render({ p: 'digest', empty: null })
  expect(linesOf(text, 'sluice_serve_requests_total')).toEqual([
    'sluice_serve_requests_total{pipeline="p",status="200"} 2',
    'sluice_serve_requests_total{pipeline="p",status="400"} 1',
  ])
  expect(linesOf(text, 'sluice_serve_predictions_total')).toEqual(['sluice_serve_predictions_total{pipeline="p"} 5'])
  expect(linesOf(text, 'sluice_serve_loads_total')).toEqual([
    'sluice_serve_loads_total{pipeline="p",outcome="loaded"} 1',
    'sluice_serve_loads_total{pipeline="p",outcome="refused"} 2',
  ])
  expect(linesOf(text, 'sluice_serve_model_info')).toEqual(['sluice_serve_model_info{pipeline="p",model="digest"} 1'])
})

test('a label is escaped, so that it stays on its line', () => {
  const text = createServingMetrics().render({ 'a"b\\c\nd': 'digest' })
  expect(linesOf(text, 'sluice_serve_model_info')).toEqual([
    'sluice_serve_model_info{pipeline="a\\"b\\\\c\\nd",model="digest"} 1',
  ])
})
