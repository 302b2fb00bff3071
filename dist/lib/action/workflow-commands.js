const escapeData = (text) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text) => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
/**
 * An error annotation as the runner reads it from the log. Written here and not with `@actions/core`, because loading
 * that takes longer than everything else a mistake in the inputs needs.
 */
export function errorCommand(message, place) {
    const properties = place.line > 0 ? ` file=${escapeProperty(place.file)},line=${place.line},col=${place.column}` : '';
    return `::error${properties}::${escapeData(message)}`;
}
