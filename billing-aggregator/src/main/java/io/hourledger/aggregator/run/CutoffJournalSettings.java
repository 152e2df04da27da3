package io.hourledger.aggregator.run;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where cutoffs are kept outside the database.
 *
 * @param cutoffsTopic the Kafka topic; made with one partition and without an end to its retention if it is not there
 * @param unsafeWithout whether none are kept: hours of a database that went back to an earlier state end elsewhere in the log then
 */
@ConfigurationProperties("hourledger.journal")
public record CutoffJournalSettings(
        @DefaultValue("hour-cutoffs") String cutoffsTopic, @DefaultValue("false") boolean unsafeWithout) {

    public CutoffJournalSettings {
        if (cutoffsTopic.isBlank()) {
            throw new IllegalArgumentException(
                    "hourledger.journal.cutoffs-topic must not be empty; hour-cutoffs is usual");
        }
    }
}
