package io.hourledger.pusher.order;

import java.time.Duration;

/**
 * How ordered instances are opened.
 *
 * @param retryUnopenedEvery how often, in elapsed time, to try again to open what waits for its order or for a person
 * @param packageOrderWait how long, in business time, a package of V1.0 waits for pay per use of the same order
 */
public record OrderSettings(Duration retryUnopenedEvery, Duration packageOrderWait) {}
