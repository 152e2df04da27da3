package io.hourledger.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.hourledger.ingest.RunningIngest.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Holds every answer that a test gets to the OpenAPI document, so that the document says what the service does. */
final class PublishedAnswers {

    private static final ObjectNode API = (ObjectNode) document();
    private static final Schema ACCEPTED =
            schema("/paths/~1v1~1usage-events/post/responses/202/content/application~1json/schema");
    private static final Schema MULTI_STATUS =
            schema("/paths/~1v1~1usage-events/post/responses/207/content/application~1json/schema");
    private static final Schema CHECKED =
            schema("/paths/~1v1~1usage-events~1check/post/responses/200/content/application~1json/schema");
    private static final Schema PROBLEM = schema("/components/schemas/Problem");

    private PublishedAnswers() {}

    static Answer checked(Answer answer) {
        Schema schema =
                switch (answer.status()) {
                    case 200 -> CHECKED;
                    case 202 -> ACCEPTED;
                    case 207 -> MULTI_STATUS;
                    default -> PROBLEM;
                };
        assertThat(answer.header("Content-Type"))
                .isEqualTo(answer.status() < 300 ? "application/json" : "application/problem+json");
        assertThat(schema.validate(answer.body(), InputFormat.JSON))
                .as(answer.body())
                .isEmpty();
        String path = answer.response().uri().getPath().replace("/", "~1");
        assertThat(API.at("/paths/" + path + "/post/responses/" + answer.status())
                        .isMissingNode())
                .as("answer %s is published", answer.status())
                .isFalse();
        assertThat(answer.header("Retry-After").isEmpty()).isEqualTo(answer.status() != 503 && answer.status() != 429);
        return answer;
    }

    private static Schema schema(String pointer) {
        ObjectNode schema = API.objectNode();
        schema.put("$ref", "#" + pointer);
        schema.set("components", API.get("components"));
        schema.set("paths", API.get("paths"));
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema.toString());
    }

    private static JsonNode document() {
        try (InputStream stream = PublishedAnswers.class.getResourceAsStream("/openapi/metering-ingest.yaml")) {
            return YAMLMapper.shared().readTree(new String(stream.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
