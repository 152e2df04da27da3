package io.hourledger.chaos;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Three pushers for two seller accounts, each with a marketplace of its own. Elapsed time is sixty times as dear here as in life, so what waits
 * by the machine's clock waits less: a lease, a pause, a back-off.
 */
record RecordsOutStack() implements StackOutline {

    /** The first account has the name that a pusher gives it. */
    static final String SECOND_ACCOUNT = "intl";

    /** Calls a second that each marketplace takes, and its account may make. */
    private static final int CEILING = 10;

    private static final String POOL = "spring.datasource.hikari.maximum-pool-size";
    private static final int SIMULATOR_POOL = 8;

    private static final String SECOND_KEY = "the-interconnection-key-of-the-second-account";
    private static final String SECOND_ACCESS_KEY = "SECONDSECONDSECOND02";
    private static final String CALLBACKS = "/callbacks/koogallery";

    @Override
    public List<StackPart> services() {
        return List.of(
                StackPart.SIMULATOR, StackPart.SIMULATOR_2, StackPart.PUSHER, StackPart.PUSHER_2, StackPart.PUSHER_3);
    }

    @Override
    public Map<String, Object> settings(ChaosStack stack) {
        Map<String, Object> settings = new TreeMap<>();
        // fifteen, and three for each account: the database has room for three pushers, if the simulators take few
        settings.put(POOL, 21);
        settings.put(
                "hourledger.pusher.base-url", stack.uri(StackPart.SIMULATOR).toString());
        settings.put("hourledger.pusher.accounts[0].name", SECOND_ACCOUNT);
        settings.put("hourledger.pusher.accounts[0].seller-key", SECOND_KEY);
        settings.put("hourledger.pusher.accounts[0].access-key", SECOND_ACCESS_KEY);
        settings.put("hourledger.pusher.accounts[0].secret-key", SECOND_KEY);
        settings.put(
                "hourledger.pusher.accounts[0].base-url",
                stack.uri(StackPart.SIMULATOR_2).toString());
        settings.put("hourledger.pusher.calls-per-second", CEILING);
        settings.put("hourledger.pusher.calls-in-flight", 3);
        settings.put("hourledger.pusher.workers", 3);
        // many small calls, so that a script of faults meets enough of them
        settings.put("hourledger.pusher.max-records", 4);
        settings.put("hourledger.pusher.connect-timeout", "PT0.5S");
        settings.put("hourledger.pusher.answer-timeout", "PT2S");
        settings.put("hourledger.pusher.lease", "PT3S");
        settings.put("hourledger.pusher.first-back-off", "PT0.2S");
        settings.put("hourledger.pusher.longest-back-off", "PT1S");
        settings.put("hourledger.pusher.first-pause", "PT0.2S");
        settings.put("hourledger.pusher.longest-pause", "PT1S");
        settings.put("hourledger.pusher.probe-every", "PT1S");
        settings.put("hourledger.simulator.calls-per-second", CEILING);
        settings.put("hourledger.simulator.call-bucket-depth", CEILING);
        settings.put("hourledger.simulator.callback-url", callbacks(stack, ""));
        settings.put("hourledger.simulator.callbacks.retry-every", "PT1S");
        return settings;
    }

    @Override
    public Map<String, Object> settings(StackPart part, ChaosStack stack) {
        if (part == StackPart.SIMULATOR) {
            return Map.of(POOL, SIMULATOR_POOL);
        }
        if (part != StackPart.SIMULATOR_2) {
            return Map.of();
        }
        return Map.of(
                POOL,
                SIMULATOR_POOL,
                "hourledger.simulator.seller-key",
                SECOND_KEY,
                "hourledger.simulator.access-key",
                SECOND_ACCESS_KEY,
                "hourledger.simulator.secret-key",
                SECOND_KEY,
                "hourledger.simulator.callback-url",
                callbacks(stack, "/" + SECOND_ACCOUNT));
    }

    private static String callbacks(ChaosStack stack, String account) {
        return stack.uri(StackPart.PUSHER).resolve(CALLBACKS + account).toString();
    }
}
