package io.hourledger.pusher.notice;

import java.util.Map;

/**
 * How Kafka is reached for the topic of notices.
 *
 * @param client settings by Kafka's own names; empty if this process has no Kafka, and so publishes nothing
 * @param unsafeTopicAllowed whether the topic may lose what it acknowledged; for tests and the demo
 */
public record NoticeBrokers(Map<String, Object> client, boolean unsafeTopicAllowed) {

    public NoticeBrokers {
        client = Map.copyOf(client);
    }
}
