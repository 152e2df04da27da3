package io.hourledger.service;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@Tag("fast")
class OutageLogTest {

    private static final Exception AWAY = new IllegalStateException("no answer", new ConnectException("refused"));

    private final Logger logger = (Logger) LoggerFactory.getLogger(OutageLogTest.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final AtomicLong nanos = new AtomicLong();
    private final OutageLog outage = new OutageLog(logger, "look", nanos::get);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(lines);
    }

    @Test
    void an_outage_has_one_line_when_it_begins_and_one_when_it_is_over() {
        for (int second = 0; second < 600; second++) {
            outage.failed(AWAY);
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }
        outage.worked();
        outage.worked();

        assertThat(lines.list).hasSize(2);
        assertThat(keyValues(1)).containsExactly("task=\"look\"", "failures=\"600\"", "seconds=\"600\"");
    }

    @Test
    void the_next_outage_has_a_line_of_its_own() {
        outage.failed(AWAY);
        outage.worked();
        outage.failed(AWAY);

        assertThat(lines.list).hasSize(3);
    }

    @Test
    void another_kind_of_failure_is_not_hidden_by_the_outage() {
        outage.failed(AWAY);
        outage.failed(new IllegalStateException("no answer", new SocketTimeoutException("silent")));
        outage.failed(AWAY);

        assertThat(lines.list).hasSize(2);
    }

    @Test
    void an_outage_that_lasts_is_told_again_every_half_hour() {
        for (int minute = 0; minute <= 62; minute++) {
            outage.failed(AWAY);
            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        }

        assertThat(lines.list).hasSize(3);
    }

    private List<String> keyValues(int line) {
        return lines.list.get(line).getKeyValuePairs().stream()
                .map(Object::toString)
                .toList();
    }
}
