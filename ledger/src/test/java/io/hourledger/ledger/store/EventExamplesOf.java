package io.hourledger.ledger.store;

import java.util.List;

/** The examples of events as they are kept, for tests of other packages. */
public final class EventExamplesOf {

    private EventExamplesOf() {}

    public static List<String> payloads(EventJson json) {
        return EventExamples.all().stream()
                .map(event -> json.write(event).payload())
                .toList();
    }
}
