package io.hourledger.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Two ingests, two aggregators, a pusher and the simulator: production's settings but for the clock, the keys and what one machine has only one of.
 *
 * @param grace how long an hour waits after its end, in business time
 */
record WholeStack(Duration grace) implements StackOutline {

    @Override
    public List<StackPart> services() {
        return List.of(
                StackPart.INGEST_1,
                StackPart.INGEST_2,
                StackPart.SIMULATOR,
                StackPart.PUSHER,
                StackPart.AGGREGATOR_1,
                StackPart.AGGREGATOR_2);
    }

    @Override
    public Map<String, Object> settings(ChaosStack stack) {
        Map<String, Object> settings = new TreeMap<>();
        settings.put("hourledger.ingest.api-keys[0].source-prefixes[0]", LoadEvents.SOURCES);
        settings.put("hourledger.aggregator.grace", grace.toString());
        settings.put("hourledger.ledger.late-window", "shorter");
        // late usage is told 30 hours after its moment, repeats 48 hours: there must be time left for outages
        settings.put("hourledger.aggregator.accepted-late", "PT60H");
        settings.put("hourledger.aggregator.accepted-age", "PT168H");
        settings.put("hourledger.ingest.max-age", "PT168H");
        settings.put(
                "hourledger.pusher.base-url", stack.uri(StackPart.SIMULATOR).toString());
        settings.put("hourledger.seals.topic", ChaosStack.SEALS_TOPIC);
        settings.put("hourledger.seals.every", "PT10S");
        // shorter than in life, where nobody waits for the end of a run
        settings.put("hourledger.pusher.answer-timeout", "PT6S");
        settings.put("hourledger.pusher.longest-back-off", "PT5S");
        settings.put("hourledger.pusher.longest-pause", "PT5S");
        settings.put(
                "hourledger.simulator.callback-url",
                stack.uri(StackPart.PUSHER).resolve("/callbacks/koogallery").toString());
        // a call to the seller that failed is repeated soon: in life after minutes, here a minute is a half day
        settings.put("hourledger.simulator.callbacks.retry-every", "PT1S");
        return settings;
    }
}
