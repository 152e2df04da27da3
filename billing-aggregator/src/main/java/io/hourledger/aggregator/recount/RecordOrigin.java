package io.hourledger.aggregator.recount;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyScope;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a record of the usage log says of who has sent it.
 *
 * @param keyId of the API key that ingest took it by; null if it came another way
 * @param traceparent of the request that brought it, in W3C's form; null if none came with it
 * @param event null if the bytes do not say so much
 */
public record RecordOrigin(@Nullable String keyId, @Nullable String traceparent, @Nullable Names event) {

    private static final String KEY_ID = "hourledger-key";
    private static final String TRACEPARENT = "traceparent";
    private static final Pattern W3C = Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** What the scope of a key is about. */
    public record Names(String source, String type, String subject) {}

    static RecordOrigin of(LogRecord record) {
        return new RecordOrigin(
                header(record, KEY_ID),
                Optional.ofNullable(header(record, TRACEPARENT))
                        .filter(trace -> W3C.matcher(trace).matches())
                        .orElse(null),
                record.value() == null ? null : names(record.value()));
    }

    /**
     * Whether it is the key's own: sent with it, or of a source, type and instance that it may write. Only the ledger knows the product of an
     * instance, so a key that is bound to products has as its own what was sent with it, and nothing else.
     */
    public boolean isOf(ApiKey key) {
        KeyScope scope = key.scope();
        return key.id().equals(keyId)
                || (event != null
                        && scope.products().isEmpty()
                        && scope.allowsSource(event.source())
                        && scope.allowsType(event.type())
                        && scope.allowsInstance(event.subject()));
    }

    private static @Nullable String header(LogRecord record, String name) {
        byte[] value = record.headers().last(name);
        return value == null ? null : new String(value, UTF_8);
    }

    private static @Nullable Names names(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        try {
            JsonNode event = JSON.readTree(bytes);
            String source = event.path("source").asString("");
            String type = event.path("type").asString("");
            String subject = event.path("subject").asString("");
            return source.isEmpty() || type.isEmpty() || subject.isEmpty() ? null : new Names(source, type, subject);
        } catch (JacksonException noEvent) {
            return null;
        }
    }
}
