package io.hourledger.pusher.order;

import java.time.Duration;

/**
 * How ordered instances are opened.
 *
 * @param retryUnopenedEvery how often, in elapsed time, to try again to open what waits for its order or for a person
 */
public record OrderSettings(Duration retryUnopenedEvery) {}
