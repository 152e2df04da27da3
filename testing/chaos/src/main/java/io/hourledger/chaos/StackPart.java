package io.hourledger.chaos;

import java.util.Locale;

/** What the stack consists of in a chaos run: each is a process of its own that can be disturbed. */
enum StackPart {
    BROKER,
    DATABASE,
    SIMULATOR,
    INGEST_1,
    INGEST_2,
    AGGREGATOR_1,
    AGGREGATOR_2,
    PUSHER,
    PUSHER_2,
    PUSHER_3,
    /** The marketplace of a second seller account. */
    SIMULATOR_2;

    /** In lower case with hyphens, as logs and reports name it. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
