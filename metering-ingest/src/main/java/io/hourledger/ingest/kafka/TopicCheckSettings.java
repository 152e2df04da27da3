package io.hourledger.ingest.kafka;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How a topic in use is looked after.
 *
 * @param interval how often the topic's settings are looked at; while they break a rule nothing is taken
 */
@ConfigurationProperties("hourledger.kafka.topic-check")
record TopicCheckSettings(@DefaultValue("PT60S") Duration interval) {

    TopicCheckSettings {
        if (interval.toMillis() <= 0) {
            throw new IllegalArgumentException(
                    "hourledger.kafka.topic-check.interval must be above zero, such as PT60S, and is " + interval);
        }
    }
}
