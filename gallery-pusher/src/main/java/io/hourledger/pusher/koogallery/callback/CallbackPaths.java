package io.hourledger.pusher.koogallery.callback;

import io.hourledger.pusher.koogallery.SellerKey;
import io.hourledger.pusher.koogallery.SellerKeys;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The paths that the marketplace calls: one of each seller account, and one without a name, which is the first one's. */
final class CallbackPaths {

    private final String first;
    private final Map<String, Account> accounts = new HashMap<>();

    /**
     * @param machineTime the machine's clock: signatures are compared with real time
     */
    CallbackPaths(CallbackSettings settings, Clock machineTime) {
        this.first = settings.accounts().keySet().iterator().next();
        settings.accounts()
                .forEach((name, keys) -> accounts.put(
                        name,
                        new Account(
                                name,
                                keys,
                                new CallbackGuard(keys, machineTime),
                                new AuthTokenGuard(keys, machineTime, settings))));
    }

    /** Whose calls come here, and how they are verified. */
    record Account(String name, SellerKeys keys, CallbackGuard guard, AuthTokenGuard firstGenerationGuard) {

        CallSender sender(CallVerdict.Believed believed) {
            return new CallSender(name, believed.signedWith());
        }

        /** What an answer is signed with whose call was not believed. */
        SellerKey answerKey() {
            return keys.newest();
        }
    }

    /**
     * The account of a path.
     *
     * @param name null for the path without one
     * @return empty if there is no such account
     */
    Optional<Account> of(@Nullable String name) {
        return Optional.ofNullable(accounts.get(name == null ? first : name));
    }
}
