import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { UNKNOWN_ORIGIN, type Origin } from '../../src/core/events.ts'
import { compareUrl, describeBuild } from '../../src/report/changes.ts'
import type { Verdict } from '../../src/core/verdict.ts'
import { toHtml } from '../../src/report/html.ts'
import { panels } from '../../src/report/panels.ts'
import { decodeRecord, encodeRecord, toRecord, type ReleaseRecord } from '../../src/report/record.ts'
import { stageRows } from '../../src/report/stages.ts'
import { toSummary } from '../../src/report/summary.ts'
import { thin, type Point } from '../../src/report/thin.ts'
import { release } from '../../src/release.ts'
import { abort } from '../../src/control.ts'
import { longRelease } from '../helpers/long-release.ts'
import { World } from '../helpers/world.ts'

const isJournal = new Ajv({ allErrors: true }).compile(
  JSON.parse(readFileSync('journal.schema.json', 'utf8')) as object,
)

async function inWorld(body: (world: World) => Promise<ReleaseRecord>): Promise<ReleaseRecord> {
  const world = await new World().open()
  try {
    return await body(world)
  } finally {
    world.close()
  }
}

describe('the journal', () => {
  it.each([
    ['promoted', (): Verdict => 'pass'],
    ['reverted', (weight: number): Verdict => (weight === 50 ? 'fail' : 'pass')],
  ] as const)('of a release that is %s has the form of its schema, and is read back', async (outcome, verdict) => {
    const record = await inWorld(async (world) => {
      world.verdict = verdict
      return toRecord(await release(world.options()), null)
    })
    expect(record.outcome).toBe(outcome)
    const text = encodeRecord(record)
    expect(isJournal(JSON.parse(text)), JSON.stringify(isJournal.errors, null, 1)).toBe(true)
    expect(decodeRecord(text)).toEqual(record)
  })

  it('of a long release has it too', () => {
    const record = longRelease({ weights: [5, 100], hours: 0.1, metrics: 2, everyMs: 15_000 })
    expect(isJournal(record), JSON.stringify(isJournal.errors, null, 1)).toBe(true)
  })

  it.each(['', '{}', '[]', '{"schema":2,"release":{},"state":{},"journal":[]}', '{"schema":1,"release":{}}'])(
    'is not what %s is',
    (text) => {
      expect(decodeRecord(text)).toBeUndefined()
    },
  )
})

describe('the stages of a report', () => {
  it('have their names, their ends and the last word of their gates', async () => {
    const record = await inWorld(async (world) => {
      world.verdict = (weight) => (weight === 50 ? 'fail' : 'pass')
      return toRecord(await release(world.options()), null)
    })
    expect(stageRows(record.journal).map(({ name, weight, end, verdict }) => [name, weight, end, verdict])).toEqual([
      ['5%', 5, 'passed', 'pass'],
      ['50%', 50, 'failed', 'fail'],
      ['back to stable', 0, 'final', null],
    ])
  })

  it('say what an abort ended', async () => {
    const record = await inWorld(async (world) => {
      let isAborted = false
      world.duringBake = async (weight) => {
        if (weight !== 50 || isAborted) return
        isAborted = true
        await abort(world.options('1.1', { holder: 'another', by: 'a person', listeners: [] }))
      }
      return toRecord(await release(world.options()), null)
    })
    expect(record.outcome).toBe('reverted')
    expect(stageRows(record.journal).at(1)).toMatchObject({ weight: 50 })
    expect(await toHtml(record)).toContain('aborted by a person')
  })
})

describe('a thinned line', () => {
  const points = Array.from({ length: 5760 }, (_, index): Point => [index * 15_000, Math.sin(index / 50)])

  it('keeps its extremes, its ends and its order', () => {
    const spiked = points.map(([at, value], index): Point => [at, index === 3333 ? 9 : index === 4444 ? -9 : value])
    const thinned = thin(spiked, 700)
    expect(thinned.length).toBeLessThanOrEqual(702)
    expect(thinned).toContain(spiked[3333])
    expect(thinned).toContain(spiked[4444])
    expect([thinned[0], thinned.at(-1)]).toEqual([spiked[0], spiked.at(-1)])
    expect([...thinned].sort(([one], [other]) => one - other)).toEqual(thinned)
  })

  it('is itself when it is short', () => {
    expect(thin(points.slice(0, 700), 700)).toHaveLength(700)
    expect(thin([], 700)).toEqual([])
  })
})

describe('the report', () => {
  it('of two hours in five stages is below 400 KB', async () => {
    const record = longRelease({ weights: [1, 5, 25, 50, 100], hours: 2, metrics: 3, everyMs: 15_000 })
    expect(Buffer.byteLength(await toHtml(record))).toBeLessThan(400_000)
  })

  it('of a day with six metrics is below 2 MB, its summary below 1 MiB, and the worst moment is in it', async () => {
    const spike = { look: 4000, share: 0.9 }
    const record = longRelease({ weights: [1, 5, 25, 50, 100], hours: 24, metrics: 6, everyMs: 15_000, spike })
    expect(Buffer.byteLength(await toHtml(record))).toBeLessThan(2_000_000)
    expect(Buffer.byteLength(toSummary(record))).toBeLessThan(1_048_576)
    const [candidate] =
      panels(record.journal)
        .find(({ title }) => title === 'Errors')
        ?.lines.slice(1) ?? []
    const worst = Math.max(...thin(candidate?.points ?? [], 700).map(([, value]) => value ?? 0))
    expect(worst).toBeGreaterThan(80)
  })

  it('takes nothing that it was told for markup', async () => {
    const evil = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'&'
    const record = longRelease({ weights: [5, 100], hours: 0.05, metrics: 1, everyMs: 15_000 })
    const told: ReleaseRecord = {
      ...record,
      reason: evil,
      release: { ...record.release, service: evil, version: evil, by: evil, origin: { ...UNKNOWN_ORIGIN, ref: evil } },
      journal: [...record.journal, { at: 0, type: 'revert-started', reason: evil }],
      changes: {
        url: 'https://github.com/o/r/compare/a...b',
        total: 1,
        commits: [{ sha: 'a', title: evil, author: evil }],
      },
    }
    const html = await toHtml(told)
    expect(html).not.toContain('<script')
    expect(html).not.toContain('<img')
    const summary = toSummary(told)
    expect(summary).not.toContain('<script')
    expect(summary).not.toContain('<img')
  })
})

describe('the summary', () => {
  const record = longRelease({ weights: [5, 50, 100], hours: 0.2, metrics: 2, everyMs: 15_000 })

  it('has the verdict first, the stages, a chart, and the way on', () => {
    const text = toSummary(record, 'https://github.com/o/r/actions/workflows/release.yml')
    expect(text.split('\n')[0]).toBe('## shop 2.0: promoted')
    expect(text).toMatch(/\| 5% \| 5 % \| 4m \| [\d ]+ \/ [\d ]+ \| 0\.\d+ % \/ 0\.\d+ %/)
    expect(text).toContain('```mermaid\ngantt')
    expect(text).toContain('[Dispatch](https://github.com/o/r/actions/workflows/release.yml) `rollback`')
  })

  it('leaves out detail before it is too long', () => {
    const reason = 'x'.repeat(400_000)
    const long = record.journal.map((event) =>
      event.type === 'analysis-completed'
        ? { ...event, measurements: event.measurements.map((one) => ({ ...one, reason })) }
        : event,
    )
    const text = toSummary({ ...record, journal: long })
    expect(Buffer.byteLength(text)).toBeLessThan(1_048_576)
    expect(text).toContain('```mermaid')
  })
})

describe('where a version came from', () => {
  const origin = (commit: string, repository = 'https://github.com/o/r'): Origin => ({
    ...UNKNOWN_ORIGIN,
    ...{ repository, commit, ref: 'refs/tags/v2.0', actor: 'octocat' },
  })

  it('is said in few words', () => {
    expect(describeBuild('2.0', origin('0123456789abcdef'))).toBe('2.0 (v2.0, 012345678, by octocat)')
    expect(describeBuild(null, UNKNOWN_ORIGIN)).toBe('an unknown version')
  })

  it('is compared only within a repository', () => {
    expect(compareUrl(origin('a'), origin('b'))).toBe('https://github.com/o/r/compare/a...b')
    expect(compareUrl(origin('a'), origin('a'))).toBe('')
    expect(compareUrl(origin('a', 'https://github.com/o/other'), origin('b'))).toBe('')
    expect(compareUrl(UNKNOWN_ORIGIN, origin('b'))).toBe('')
  })
})
