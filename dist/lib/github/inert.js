/** Text from a cluster or a chart must not be read as a command to the runner, which ends lines at CR and at LF. */
export function inert(text) {
    return text.replaceAll(/(^|[\r\n])(\s*)(::|##\[)/g, '$1$2\\$3');
}
