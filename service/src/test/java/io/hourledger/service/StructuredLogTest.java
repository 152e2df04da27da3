package io.hourledger.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a line of the log is for whoever collects the logs: JSON, with the service and the same keys as in the text. */
@Tag("servers")
class StructuredLogTest {

    private final PrintStream console = System.out;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @ServiceDefaults
    static class NothingOfItsOwn {}

    @AfterEach
    void giveBackTheConsole() {
        System.setOut(console);
    }

    @Test
    void a_line_is_JSON_with_the_service_its_level_and_each_key_and_value() {
        System.setOut(new PrintStream(written, true, UTF_8));
        try (ConfigurableApplicationContext service = ServiceApplication.plain(NothingOfItsOwn.class, "a-service")
                .properties("server.port=0", "management.server.port=0", "logging.structured.format.console=ecs")
                .run()) {
            Logger log = LoggerFactory.getLogger(StructuredLogTest.class);
            new OutageLog(log, "look").failed(new IllegalStateException("no answer"));
        }

        JsonNode line = written.toString(UTF_8)
                .lines()
                .filter(one -> one.startsWith("{"))
                .map(JsonMapper.shared()::readTree)
                .filter(one -> one.path("log").path("logger").asString("").equals(StructuredLogTest.class.getName()))
                .findFirst()
                .orElseThrow();
        assertThat(line.path("service").path("name").asString("")).isEqualTo("a-service");
        assertThat(line.path("log").path("level").asString("")).isEqualTo("WARN");
        assertThat(line.path("message").asString("")).startsWith("failed and is tried again");
        assertThat(line.path("task").asString("")).isEqualTo("look");
        assertThat(line.path("failures").asString("")).isEqualTo("1");
        assertThat(line.path("error").path("message").asString("")).isEqualTo("no answer");
    }
}
