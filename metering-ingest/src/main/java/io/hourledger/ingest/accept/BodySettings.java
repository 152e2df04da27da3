package io.hourledger.ingest.accept;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How slow a sender with a key may be.
 *
 * @param timeout how long the whole body of a request may take
 */
@ConfigurationProperties("hourledger.ingest.body")
record BodySettings(@DefaultValue("PT60S") Duration timeout) {

    BodySettings {
        if (timeout.toMillis() <= 0) {
            throw new IllegalArgumentException(
                    "hourledger.ingest.body.timeout must be above zero, such as PT60S, and is " + timeout);
        }
    }
}
