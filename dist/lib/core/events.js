/** The origin of what nobody ever wrote down. */
export const UNKNOWN_ORIGIN = { repository: '', commit: '', ref: '', actor: '', run: '' };
export function isBeginning(event) {
    return event.type === 'release-started' || event.type === 'rollback-started' || event.type === 'gap-found';
}
/** Whether it begins a release or a rollback, and nothing that was written down before belongs to it. */
export function beginsAnew(event) {
    return event?.type === 'release-started' || event?.type === 'rollback-started';
}
