package io.hourledger.ingest.accept;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** One line a request, and only when it or something in it was not accepted: accepted events are counted, not logged. */
final class NotAcceptedLog {

    private static final Logger log = LoggerFactory.getLogger(NotAcceptedLog.class);

    private NotAcceptedLog() {}

    /** A request of which nothing was taken. */
    static void request(RefusedRequest refused) {
        log.atInfo()
                .addKeyValue("code", refused.code())
                .addKeyValue("detail", refused.detail())
                .log("request refused");
    }

    static void events(String sender, List<ItemAnswer> given) {
        BatchResult result = BatchResult.of(given);
        if (result.accepted() < given.size()) {
            ItemAnswer first = result.firstNotAccepted();
            LoggingEventBuilder line = (result.unavailable() > 0 ? log.atWarn() : log.atInfo())
                    .addKeyValue("sender", sender)
                    .addKeyValue("events", given.size())
                    .addKeyValue("rejected", result.rejected())
                    .addKeyValue("unavailable", result.unavailable())
                    .addKeyValue("first_index", given.indexOf(first))
                    .addKeyValue("first_code", first.code())
                    .addKeyValue("first_field", first.field())
                    .addKeyValue("first_detail", first.detail());
            (first.id() == null ? line : line.addKeyValue("first_id", first.id())).log("usage events not accepted");
        }
    }
}
