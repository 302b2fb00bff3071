/** Text that is markup already. */
export interface Markup {
    readonly text: string;
}
type Part = Markup | string | number | readonly Markup[];
/** Markup from a template: everything put in is escaped, unless it is markup itself. */
export declare function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup;
/** Our own text, taken as markup as it is. */
export declare const raw: (text: string) => Markup;
/** Text from a cluster in Markdown: no markup, no link, no mention, one line. */
export declare function toMarkdown(text: string): string;
export {};
