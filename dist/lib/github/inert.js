/** Text from a cluster or a chart must not be read as a command to the runner. */
export function inert(line) {
    return line.replace(/^(\s*)(::|##\[)/, '$1\\$2');
}
