package io.hourledger.pusher.koogallery.callback;

import java.time.Duration;

/**
 * What a callback may take.
 *
 * @param bodyWithin how long its body may take; nobody is known before it is there, and it counts against the 5 s in which a callback must be
 *     answered (koogallery.md, section 4.2)
 */
public record CallbackLimits(Duration bodyWithin) {}
