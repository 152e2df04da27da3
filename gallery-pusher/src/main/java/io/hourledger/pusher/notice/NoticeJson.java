package io.hourledger.pusher.notice;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Notices as structured CloudEvents 1.0 JSON, in the form of {@code schemas/notice.schema.json}. The same notice has the same text at any time.
 */
final class NoticeJson {

    /** The media type of a structured CloudEvent. */
    static final String MEDIA_TYPE = "application/cloudevents+json";

    private static final JsonMapper JSON = JsonMapper.shared();

    private final String source;

    /**
     * @param installation whose notices they are: of all installations that share a Kafka or an endpoint
     */
    NoticeJson(UUID installation) {
        this.source = "urn:hourledger:installation:" + installation;
    }

    String text(Notice notice) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("specversion", "1.0");
        event.put("id", notice.id());
        event.put("source", source);
        event.put("type", notice.type().text());
        event.put("subject", notice.instanceId());
        event.put("time", notice.time().toString());
        // CloudEvents' extension: texts that sort as the events do
        event.put("sequence", String.format("%019d", notice.sequence()));
        event.put("datacontenttype", "application/json");
        event.put("data", data(notice.data()));
        return JSON.writeValueAsString(event);
    }

    private static Map<String, Object> data(Map<String, @Nullable Object> members) {
        Map<String, Object> data = new LinkedHashMap<>();
        members.forEach((name, value) -> {
            switch (value) {
                case null -> {
                    // left out
                }
                case Instant moment -> data.put(name, moment.toString());
                case BigDecimal amount -> data.put(name, amount.toPlainString());
                default -> data.put(name, value);
            }
        });
        return data;
    }
}
