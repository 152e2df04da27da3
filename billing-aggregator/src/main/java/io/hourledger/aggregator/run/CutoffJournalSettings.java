package io.hourledger.aggregator.run;

import io.hourledger.ledger.installation.Installation;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where cutoffs are kept outside the database, and which other installations read the same usage.
 *
 * @param cutoffsTopic the Kafka topic; made with one partition and without an end to its retention if it is not there
 * @param installationsTopic the Kafka topic of the incarnations of all installations; made in the same way
 * @param readsBeside the ids of other installations that may read the same usage log, such as staging
 * @param takesOver the id of an installation whose database is gone for good, and whose hours are this one's from now on; null for none
 * @param unsafeWithout whether none are kept: hours of a database that went back to an earlier state end elsewhere in the log then
 */
@ConfigurationProperties("hourledger.journal")
public record CutoffJournalSettings(
        @DefaultValue("hour-cutoffs") String cutoffsTopic,
        @DefaultValue(Installation.USUAL_TOPIC) String installationsTopic,
        @DefaultValue Set<UUID> readsBeside,
        @Nullable UUID takesOver,
        @DefaultValue("false") boolean unsafeWithout) {

    public CutoffJournalSettings {
        if (cutoffsTopic.isBlank()) {
            throw new IllegalArgumentException(
                    "hourledger.journal.cutoffs-topic must not be empty; hour-cutoffs is usual");
        }
        if (installationsTopic.isBlank()) {
            throw new IllegalArgumentException("hourledger.journal.installations-topic must not be empty; "
                    + Installation.USUAL_TOPIC + " is usual");
        }
        readsBeside = Set.copyOf(readsBeside);
    }
}
