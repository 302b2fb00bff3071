/** The origin of what nobody ever wrote down. */
export const UNKNOWN_ORIGIN = { repository: '', commit: '', ref: '', actor: '', run: '' };
