package io.hourledger.pusher.koogallery;

import io.hourledger.pusher.marketplace.Marketplace;
import io.hourledger.pusher.marketplace.UsagePushPort;
import java.time.Duration;

/** KooGallery as a marketplace: its answers, its spelling of records and its deadline. */
public final class KooGallery {

    /** An hour is collected at minute 15 of the next (koogallery.md, section 1.8). */
    private static final Duration COLLECTED_AFTER = Duration.ofMinutes(15);

    private KooGallery() {}

    /**
     * KooGallery at the end of this way to it.
     *
     * @param usage where its usage records are handed in
     */
    public static Marketplace at(UsagePushPort usage) {
        return new Marketplace(usage, new KooGalleryAnswerReader(), new KooGalleryRecordFormat(), COLLECTED_AFTER);
    }
}
