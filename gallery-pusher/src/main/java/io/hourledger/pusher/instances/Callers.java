package io.hourledger.pusher.instances;

import io.hourledger.pusher.instances.InstancesSettings.AppKeySettings;
import org.jspecify.annotations.Nullable;

/** Finds out who asks: an app by its key, or a buyer's page by a token. */
final class Callers {

    private static final String SCHEME = "Bearer ";

    private final AppKeys keys;
    private final UsageTokens tokens;

    Callers(AppKeys keys, UsageTokens tokens) {
        this.keys = keys;
        this.tokens = tokens;
    }

    /** Who asks. */
    sealed interface Caller {

        /** An app. It sees the instances of its products. */
        record App(AppKeySettings key) implements Caller {}

        /** A buyer's page. It sees the usage of one instance. */
        record Page(String instanceId) implements Caller {}

        /** Neither. */
        record Nobody() implements Caller {}
    }

    /** By the value of an {@code Authorization} header; null if there is none. */
    Caller caller(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return new Caller.Nobody();
        }
        String given = authorization.substring(SCHEME.length()).strip();
        return keys.app(given)
                .<Caller>map(Caller.App::new)
                .or(() -> tokens.read(given).map(allowed -> new Caller.Page(allowed.instanceId())))
                .orElseGet(Caller.Nobody::new);
    }
}
