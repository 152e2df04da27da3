package io.hourledger.pusher.push;

import java.time.Duration;

/**
 * How pushing is done; every time here is elapsed time.
 *
 * @param account the seller account whose lease is taken
 * @param owner who we are to other pushers of the account: a name for each process, or one that a restarted process keeps
 * @param lease how long the account is ours without renewal
 * @param sendMargin how long before the lease's end the last connection may be begun
 * @param maxRecords records in one call at most
 * @param callsInFlight calls under way at once at most
 * @param workers threads that claim, send and settle: while one settles, another may send
 * @param lateEvery every so-many-th call begins with the hours that are late already
 * @param idlePoll how often to look for work when nobody says that there is some
 * @param firstBackOff how long a record without an outcome waits before it goes again; doubled with each try
 * @param longestBackOff the longest such wait
 * @param stalledAfter how long nothing may be accepted while records are due, before pushing counts as standing still
 * @param rate how fast
 */
public record PushSettings(
        String account,
        String owner,
        Duration lease,
        Duration sendMargin,
        int maxRecords,
        int callsInFlight,
        int workers,
        int lateEvery,
        Duration idlePoll,
        Duration firstBackOff,
        Duration longestBackOff,
        Duration stalledAfter,
        RateLimitSettings rate) {}
