package io.hourledger.standalone.demo;

import io.hourledger.standalone.traffic.Survey;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** What a demo's services are told that they would not be told in production; all of it by names of the configuration table. */
final class DemoSettings {

    private static final Duration MARGIN = Duration.ofMinutes(30);

    private DemoSettings() {}

    static Map<String, Object> of(Survey survey) {
        // A log is not sorted: what stands before its time in it is ahead of the clock by that much when it is sent.
        Duration ahead = survey.farthestAhead().plus(Feeder.LOOK_AHEAD).plus(MARGIN);
        Map<String, Object> settings = new HashMap<>();
        settings.put("hourledger.catalogue", "classpath:io/hourledger/standalone/demo/catalogue.json");
        settings.put("hourledger.ledger.late-window", "shorter");
        settings.put("hourledger.ingest.max-ahead", ahead.toString());
        settings.put("hourledger.aggregator.accepted-ahead", ahead.toString());
        // An hour goes by in seconds: what production does every second of the machine's is done more often.
        settings.put("hourledger.aggregator.checkpoint-interval", "PT0.2S");
        settings.put("hourledger.aggregator.closing-tick", "PT0.05S");
        settings.put("hourledger.aggregator.session-timeout", "PT6S");
        settings.put("hourledger.pusher.window", "0s");
        settings.put("hourledger.pusher.retry-unopened-every", "1s");
        // many buyers order at once before the first hour: each call makes the seller query the order
        settings.put("hourledger.simulator.callbacks.poll-every", "200ms");
        return settings;
    }
}
