import { COMMANDS, INPUTS } from '../config/inputs.ts'

/** The help text; options are the Action's inputs. */
export function usage(): string {
  const names = Object.entries(INPUTS).filter(([name]) => name !== 'command')
  const width = Math.max(...names.map(([name]) => name.length)) + 4
  const options = names.map(([name, input]) => `  --${name.padEnd(width)}${input.doc.replaceAll('`', '')}`)
  return [
    'gray-release COMMAND [options]',
    '',
    `commands: ${COMMANDS.join(', ')}, report, backtest, demo`,
    '',
    'options',
    ...options,
    `  --${'json'.padEnd(width)}Print the result as JSON.`,
    '',
    'demo options: --fault none|errors|latency|crash|leak|never-ready  --at PERCENT  --rps N  --speed N  --config FILE  --report FILE  --journal FILE',
    '',
    'report FILE: makes the HTML report of a journal again  [--out FILE]',
    '',
    'backtest options: --journal FILE | --course WEIGHT@TIME,… --stable COLOUR --until TIME  [--config FILE] | --judge',
    '',
    'exit codes: 0 promoted or paused, 1 reverted, 2 stuck, 3 refused, 130 interrupted',
    '',
  ].join('\n')
}
