package io.hourledger.ledger.seal;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where and how often the ledger is sealed. It is sealed only if {@code hourledger.ledger.digest-key} is set.
 *
 * @param topic where seals are kept; made with one partition and without an end to its retention if it is not there
 * @param every elapsed time between two seals
 */
@ConfigurationProperties("hourledger.seals")
public record SealSettings(@DefaultValue("ledger-seals") String topic, @DefaultValue("PT1M") Duration every) {

    public SealSettings {
        if (topic.isBlank()) {
            throw new IllegalArgumentException("hourledger.seals.topic must not be empty; ledger-seals is usual");
        }
        if (every.toMillis() <= 0) {
            throw new IllegalArgumentException(
                    "hourledger.seals.every must be above zero, such as PT1M, and is " + every);
        }
    }
}
