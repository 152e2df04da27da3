package io.hourledger.pusher.koogallery;

import io.hourledger.pusher.marketplace.Deadlines;
import io.hourledger.pusher.marketplace.Marketplace;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;

/** KooGallery as a marketplace: its answers, its spelling of records and its deadline. */
public final class KooGallery {

    /** An hour is collected at minute 15 of the next, a day at 01:00 of the next (koogallery.md, section 1.8). */
    private static final Duration HOURLY = Duration.ofMinutes(15);

    private static final LocalTime DAILY = LocalTime.of(1, 0);

    /** 2 h after an hour's end: nothing says that a later record is refused, but its charge is delayed. */
    private static final Duration DELAYED_AFTER = Duration.ofHours(2).minus(HOURLY);

    /** The age at which 9004 refuses a record, and when a person must see to it. */
    private static final Duration AGE_LIMIT = Duration.ofDays(21);

    private static final Duration AGE_ALARM = Duration.ofDays(18);

    /** Records in one call at most (koogallery.md, section 1.3). */
    public static final int MAX_RECORDS = 1000;

    private KooGallery() {}

    /**
     * KooGallery at the end of this way to it.
     *
     * @param usage where its usage records are handed in
     * @param keys of the account: while there are two, a refused signature is never a record's fault
     * @param days the zone of the days that are collected; documented nowhere
     */
    public static Marketplace at(UsagePushPort usage, SellerKeys keys, ZoneId days) {
        return new Marketplace(
                usage,
                new KooGalleryAnswerReader(keys.areTwo()),
                new KooGalleryRecordFormat(),
                new Deadlines(HOURLY, new Deadlines.Daily(DAILY, days), DELAYED_AFTER, AGE_LIMIT, AGE_ALARM),
                MAX_RECORDS,
                Marketplace.Unclear.GOES_AGAIN);
    }
}
