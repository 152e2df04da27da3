package io.hourledger.aggregator.hour;

import io.hourledger.contracts.scan.EventView;
import java.nio.charset.StandardCharsets;

/**
 * By what a bucket that still counts is known to what is held beside it.
 *
 * @param hour its number
 */
record OpenBucketName(long hour, int revision, String instance, String meter) {

    static OpenBucketName of(EventView event, String meter, long hour, int revision) {
        String instance =
                new String(event.bytes(), event.subjectOffset(), event.subjectLength(), StandardCharsets.UTF_8);
        return new OpenBucketName(hour, revision, instance, meter);
    }

    static OpenBucketName of(Bucket bucket) {
        return new OpenBucketName(bucket.hour().number(), bucket.revision(), bucket.instance(), bucket.meter());
    }

    /** Number of the hour with whose cutoff the bucket ends, or with that of the next hour that has one. */
    long endsWith() {
        return hour + revision;
    }
}
