package io.hourledger.cli.event;

import java.time.Instant;
import picocli.CommandLine.Option;

/** By what a sender knows an event. */
final class EventNameOptions {

    @Option(names = "--subject", paramLabel = "INSTANCE", required = true, description = "the instance that was used")
    private String subject = "";

    @Option(names = "--source", paramLabel = "SOURCE", required = true, description = "its CloudEvents source")
    private String source = "";

    @Option(names = "--id", paramLabel = "ID", required = true, description = "its CloudEvents id")
    private String id = "";

    @Option(names = "--time", paramLabel = "TIME", required = true, description = "when it happened, to the last digit")
    private Instant time = Instant.EPOCH;

    String subject() {
        return subject;
    }

    String source() {
        return source;
    }

    String id() {
        return id;
    }

    Instant time() {
        return time;
    }
}
