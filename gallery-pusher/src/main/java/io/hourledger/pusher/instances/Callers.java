package io.hourledger.pusher.instances;

import io.hourledger.pusher.instances.AppKeys.Owner;
import java.util.Optional;
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

        /** An app. It sees its own instances. */
        record App(InstanceReader reader) implements Caller {}

        /** A buyer's page. It sees the usage of one instance. */
        record Page(String instanceId) implements Caller {}

        /** Somebody who sees no instance. */
        record Refused(ApiRefusal why) implements Caller {}
    }

    /** By the value of an {@code Authorization} header; null if there is none. */
    Caller caller(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return new Caller.Refused(ApiRefusal.unauthorized());
        }
        String given = authorization.substring(SCHEME.length()).strip();
        Optional<UsageTokens.Allowed> page = tokens.read(given);
        if (page.isPresent()) {
            return new Caller.Page(page.get().instanceId());
        }
        try {
            return switch (keys.owner(given)) {
                case Owner.Reader(InstanceReader reader) -> new Caller.App(reader);
                case Owner.NamesNoProduct(String name) -> new Caller.Refused(ApiRefusal.keyNamesNoProduct(name));
                case Owner.Unknown _ -> new Caller.Refused(ApiRefusal.unauthorized());
            };
        } catch (RuntimeException keysNotRead) {
            return new Caller.Refused(RequestRoom.refusal(keysNotRead));
        }
    }
}
