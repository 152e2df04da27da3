package io.hourledger.aggregator.retention;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long usage of closed hours is kept in the database.
 *
 * @param ids of counted events, and cutoffs. An hour without them is closed for good
 * @param buckets of hours that were metered
 * @param quarantine records that a person has decided about; receipts that look at a bucket need those of its time
 */
@ConfigurationProperties("hourledger.aggregator.retention")
public record RetentionSettings(
        @DefaultValue("P92D") Duration ids,
        @DefaultValue("P400D") Duration buckets,
        @DefaultValue("P400D") Duration quarantine) {

    private static final String PREFIX = "hourledger.aggregator.retention.";

    /** Late usage is accepted for 20 days at most, and the marketplace takes a record for 21. */
    private static final Duration SHORTEST = Duration.ofDays(31);

    public RetentionSettings {
        require(ids.compareTo(SHORTEST) >= 0, "ids must be P31D or more, such as P92D, and is " + ids);
        require(buckets.compareTo(ids) >= 0, "buckets must not be shorter than ids, " + ids + ", and is " + buckets);
        require(
                quarantine.compareTo(buckets) >= 0,
                "quarantine must not be shorter than buckets, " + buckets + ", and is " + quarantine);
    }

    private static void require(boolean met, String sentence) {
        if (!met) {
            throw new IllegalArgumentException(PREFIX + sentence);
        }
    }
}
