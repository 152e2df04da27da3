package io.hourledger.pusher.push;

import java.time.Duration;

/**
 * How pushing is done; every time here is elapsed time.
 *
 * @param lease under which an account is pushed for
 * @param calls how calls are made
 * @param backOff how long a record without an outcome waits before it goes again
 * @param idlePoll how often to look for work when nobody says that there is some
 * @param stalledAfter how long nothing may be accepted while records are due, before pushing counts as standing still
 * @param rate how fast
 */
public record PushSettings(
        Lease lease, Calls calls, BackOff backOff, Duration idlePoll, Duration stalledAfter, RateLimitSettings rate) {

    /**
     * The lease of the account.
     *
     * @param account the seller account whose lease is taken
     * @param owner who we are to other pushers of the account: a name for each process, or one that a restarted process keeps
     * @param length how long the account is ours without renewal
     * @param sendMargin how long before the lease's end the last connection may be begun
     */
    public record Lease(String account, String owner, Duration length, Duration sendMargin) {}

    /**
     * How calls are made.
     *
     * @param maxRecords records in one call at most
     * @param inFlight calls under way at once at most
     * @param workers threads that claim, send and settle: while one settles, another may send
     * @param lateEvery every so-many-th call begins with the hours that are late already
     */
    public record Calls(int maxRecords, int inFlight, int workers, int lateEvery) {}

    /**
     * A wait that is doubled with each try.
     *
     * @param first the first such wait
     * @param longest the longest such wait
     */
    public record BackOff(Duration first, Duration longest) {}
}
