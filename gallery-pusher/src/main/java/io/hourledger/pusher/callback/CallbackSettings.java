package io.hourledger.pusher.callback;

import java.time.Duration;

/**
 * How calls are worked on.
 *
 * @param retryHeldEvery how often, in elapsed time, to try again to open what waits for its order or for a person
 */
public record CallbackSettings(Duration retryHeldEvery) {}
