package io.hourledger.ledger.store;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** What this process writes into the ledger. */
final class WriterMetrics {

    static final String APPENDED = "ledger.events.appended";
    static final String CONFLICTS = "ledger.conflicts";
    static final String GIVEN_UP = "ledger.unavailable";
    static final String HANDLE_TIME = "ledger.handle.time";
    private static final String COMMANDS = "commands";

    private final Counter appended;
    private final Counter conflicts;
    private final Counter givenUp;
    private final Timer one;
    private final Timer many;

    WriterMetrics(MeterRegistry registry) {
        appended = Counter.builder(APPENDED)
                .description("events that this process decided; a caller's transaction may still take some back")
                .register(registry);
        conflicts = Counter.builder(CONFLICTS)
                .description("times that another writer was faster and it was decided again")
                .register(registry);
        givenUp = Counter.builder(GIVEN_UP)
                .description("calls that ended without an answer: the database was away or others were always faster")
                .register(registry);
        one = timer(registry, "one");
        many = timer(registry, "many");
    }

    private static Timer timer(MeterRegistry registry, String commands) {
        return Timer.builder(HANDLE_TIME)
                .description("from a call to its decisions, with all that was decided again")
                .tag(COMMANDS, commands)
                .register(registry);
    }

    void appended(int events) {
        appended.increment(events);
    }

    void conflict() {
        conflicts.increment();
    }

    void gaveUp() {
        givenUp.increment();
    }

    /** How long calls take that bring so many commands: one, or a list. */
    Timer handling(int commands) {
        return commands == 1 ? one : many;
    }
}
