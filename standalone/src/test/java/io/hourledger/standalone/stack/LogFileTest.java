package io.hourledger.standalone.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Tag("fast")
class LogFileTest {

    /** Tests log as logback-test.xml says; this one is about what a command is given. */
    private static final String CONFIGURATION = "logback.configurationFile";

    private final String before = System.getProperty("metering.log", "/dev/null");

    @BeforeEach
    void configureAsACommandDoes() {
        System.setProperty(CONFIGURATION, "logback.xml");
    }

    @AfterEach
    void logAsBefore() {
        System.clearProperty(CONFIGURATION);
        LogFile.use(Path.of(before));
    }

    @Test
    void what_asked_for_a_logger_before_logs_to_the_file_too(@TempDir Path folder) {
        var early = LoggerFactory.getLogger(LogFileTest.class);
        early.info("before");
        Path file = folder.resolve("metering.log");

        LogFile.use(file);
        early.error("the demo ended early");

        assertThat(file).content().contains("the demo ended early");
    }
}
