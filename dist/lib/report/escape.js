const ENTITIES = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
};
function toText(part) {
    if (typeof part === 'string' || typeof part === 'number') {
        return String(part).replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
    }
    return 'text' in part ? part.text : part.map(({ text }) => text).join('');
}
/** Markup from a template: everything put in is escaped, unless it is markup itself. */
export function markup(strings, ...parts) {
    return { text: strings.map((text, index) => text + toText(parts[index] ?? '')).join('') };
}
/** Our own text, taken as markup as it is. */
export const raw = (text) => ({ text });
/** Text from a cluster in Markdown: no markup, no link, no mention, one line. */
export function toMarkdown(text) {
    return text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll(/([`*_[\]@#~\\|])/g, '\\$1')
        .replaceAll(/\s*[\r\n\u2028\u2029]\s*/g, ' ');
}
