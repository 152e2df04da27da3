package io.hourledger.pusher.koogallery.callback;

import io.hourledger.pusher.koogallery.SellerKey;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells the marketplace's V1.0 calls from anybody else's (koogallery.md, section 4.2). That a token is new is for the callback table to say. */
final class AuthTokenGuard {

    static final String TOKEN = "authToken";
    private static final String TIMESTAMP = "timeStamp";
    private static final int MAX_TOKEN_CHARS = 64;
    private static final DateTimeFormatter MILLISECONDS =
            DateTimeFormatter.ofPattern("uuuuMMddHHmmssSSS", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);

    private final SellerKey key;
    private final Clock machineTime;
    private final ZoneId timestampZone;

    /**
     * @param machineTime the machine's clock: signatures are compared with real time, whatever business time it is
     * @param timestampZone the zone of {@code timeStamp}
     */
    AuthTokenGuard(SellerKey key, Clock machineTime, ZoneId timestampZone) {
        this.key = key;
        this.machineTime = machineTime;
        this.timestampZone = timestampZone;
    }

    /** The call's token; a {@code +} in it that was not encoded has become a space, which no token has. */
    static @Nullable String token(QueryParameters call) {
        String token = call.get(TOKEN);
        return token == null ? null : token.replace(' ', '+');
    }

    /** Why the call is not believed; empty if it is. */
    Optional<String> objection(QueryParameters call) {
        String token = token(call);
        String timeStamp = call.get(TIMESTAMP);
        if (token == null || timeStamp == null) {
            return Optional.of("authToken or timeStamp is missing");
        }
        if (token.length() > MAX_TOKEN_CHARS || !key.signedQuery(call.joinedWithout(TOKEN), timeStamp, token)) {
            return Optional.of("wrong authToken");
        }
        return time(timeStamp)
                .map(sentAt -> CallbackGuard.staleness(sentAt, machineTime))
                .orElse(Optional.of("timeStamp is no time of 17 digits"));
    }

    private Optional<Instant> time(String digits) {
        try {
            return Optional.of(LocalDateTime.parse(digits, MILLISECONDS)
                    .atZone(timestampZone)
                    .toInstant());
        } catch (DateTimeException noTime) {
            return Optional.empty();
        }
    }
}
