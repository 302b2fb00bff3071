import { LineChart } from 'echarts/charts'
import { GridComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { Line, Panel } from './panels.ts'
import type { StageRow } from './stages.ts'
import { thin } from './thin.ts'

echarts.use([LineChart, GridComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer])

/** Size of the drawing in its own units; the page scales it. */
const WIDTH = 960
const HEIGHT = 190
/** More points than this are finer than the drawing. */
const MOST_POINTS = 700
const FONT = { fontSize: 12, fontFamily: 'system-ui, sans-serif' }
const GRID = { left: 58, right: 14, top: 22, bottom: 26 }

/** A few numbers behind the comma, whatever the size. */
const short = (value: number): string => String(Number(value.toPrecision(3)))

function series({ name, owner, points, isStep }: Line): object {
  return {
    type: 'line',
    name,
    data: thin(points, MOST_POINTS),
    showSymbol: points.filter(([, value]) => value !== null).length < 2,
    symbolSize: 5,
    silent: true,
    ...(isStep && { step: 'end' }),
    itemStyle: { color: `var(--${owner})` },
    lineStyle: {
      color: `var(--${owner})`,
      width: owner === 'candidate' || owner === 'against' ? 2 : 1.5,
      type: owner === 'neutral' ? 'dotted' : 'solid',
    },
  }
}

/** The stages behind the lines, every other one shaded; the first chart has their names. */
function background(stages: readonly StageRow[], isNamed: boolean): object {
  const data = stages.map(({ name, from, to }, index) => [
    { xAxis: from, name, itemStyle: { color: index % 2 === 0 ? 'var(--shade)' : 'none' } },
    { xAxis: to },
  ])
  const label = { ...FONT, fontSize: 11, color: 'var(--muted)', position: 'top', show: isNamed }
  return { type: 'line', data: [], silent: true, markArea: { silent: true, label, data } }
}

function limits({ thresholds }: Panel): object {
  const data = thresholds.map(({ name, owner, value }) => ({
    yAxis: value,
    name,
    lineStyle: { color: `var(--${owner})`, type: 'dashed', width: 1 },
    label: {
      ...FONT,
      fontSize: 11,
      formatter: name,
      position: owner === 'against' ? 'insideStartTop' : 'insideStartBottom',
      color: 'var(--text)',
    },
  }))
  return { type: 'line', data: [], silent: true, markLine: { symbol: 'none', silent: true, data } }
}

/** What only matters to a page with a pointer. */
function tidy(svg: string, index: number): string {
  return svg
    .replace(/<style[^]*?<\/style>/, '')
    .replaceAll(/ (class|pointer-events)="[^"]*"/g, '')
    .replaceAll(/zr\d+-/g, `p${index}-`)
    .replace(/ xmlns:xlink="[^"]*"| version="1.1"| baseProfile="full"/g, '')
    .replace(/^<svg width="\d+" height="\d+"/, '<svg')
}

/**
 * One chart as SVG, with colours as variables of the page: `--stable`, `--candidate`, `--neutral`, `--against`,
 * `--goingOn`, `--text`, `--muted`, `--grid`, `--shade`.
 *
 * @param index tells the names inside this drawing from those of the others on the page
 */
export function draw(panel: Panel, stages: readonly StageRow[], from: number, to: number, index: number): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT })
  const isOdds = panel.unit === 'odds'
  const isFirst = index === 0
  const axis = { axisLabel: { ...FONT, color: 'var(--muted)' }, axisLine: { lineStyle: { color: 'var(--grid)' } } }
  const ofOdds = panel.lines.flatMap(({ points }) => points.map(([, value]) => value ?? 1))
  const most = Math.max(10, ...panel.thresholds.map(({ value }) => value * 2), ...ofOdds)
  chart.setOption({
    animation: false,
    useUTC: true,
    grid: GRID,
    xAxis: { ...axis, type: 'time', min: from, max: to, splitLine: { show: false } },
    yAxis: {
      ...axis,
      type: isOdds ? 'log' : 'value',
      ...(isOdds && { max: 10 ** Math.ceil(Math.log10(most)), min: Math.max(1e-3, Math.min(0.1, ...ofOdds)) }),
      ...(isFirst && { max: 100, interval: 25 }),
      splitNumber: 4,
      splitLine: { lineStyle: { color: 'var(--grid)' } },
      axisLabel: {
        ...axis.axisLabel,
        formatter: (value: number) => `${short(value)}${panel.unit === '%' ? ' %' : ''}`,
      },
    },
    series: [background(stages, isFirst), limits(panel), ...panel.lines.map(series)],
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return tidy(svg, index)
}
