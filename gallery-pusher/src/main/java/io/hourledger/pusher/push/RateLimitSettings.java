package io.hourledger.pusher.push;

import java.time.Duration;

/**
 * How fast calls go; every time here is elapsed time.
 *
 * @param ceiling calls a second at most
 * @param slowest calls a second at least, however often we are throttled
 * @param raiseEvery how long a rate must be borne before it is raised by a tenth of the ceiling
 * @param window how long a new owner of the account waits before its first call
 * @param probeEvery how often to ask again while nothing is accepted from us
 * @param firstPause the first pause after a throttle that named no time, or after too much trouble; doubled with each further one
 * @param longestPause the longest such pause
 * @param longestHalfOpen how long the circuit breaker may wait for the outcome of its probe; longer than any call takes
 */
public record RateLimitSettings(
        double ceiling,
        double slowest,
        Duration raiseEvery,
        Duration window,
        Duration probeEvery,
        Duration firstPause,
        Duration longestPause,
        Duration longestHalfOpen) {}
