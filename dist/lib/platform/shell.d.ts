import type { Shell } from '../ports.ts';
/** Runs programs as their own process group, so that an end reaches their children too (helmfile's helm). */
export declare const systemShell: Shell;
