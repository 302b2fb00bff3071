/** Text that is markup already. */
export interface Markup {
  readonly text: string
}

type Part = Markup | string | number | readonly Markup[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function toText(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') {
    return String(part).replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)
  }
  return 'text' in part ? part.text : part.map(({ text }) => text).join('')
}

/** Markup from a template: everything put in is escaped, unless it is markup itself. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { text: strings.map((text, index) => text + toText(parts[index] ?? '')).join('') }
}

/** Our own text, taken as markup as it is. */
export const raw = (text: string): Markup => ({ text })

/** Text from a cluster in Markdown: no markup, no link, no mention, one line. */
export function toMarkdown(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/([`*_[\]@#~\\|])/g, '\\$1')
    .replaceAll(/\s*[\r\n\u2028\u2029]\s*/g, ' ')
}
