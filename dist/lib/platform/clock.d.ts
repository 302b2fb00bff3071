import type { Clock } from '../ports.ts';
/** The wall clock; `speed` makes it run faster, for the sandbox. */
export declare function systemClock(speed?: number): Clock;
