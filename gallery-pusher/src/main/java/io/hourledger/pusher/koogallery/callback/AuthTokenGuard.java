package io.hourledger.pusher.koogallery.callback;

import io.hourledger.pusher.koogallery.SellerKey;
import io.hourledger.pusher.koogallery.SellerKeys;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
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

    private final SellerKeys keys;
    private final Clock machineTime;
    private final ZoneId timestampZone;
    private final Duration timestampTolerance;

    /**
     * @param machineTime the machine's clock: signatures are compared with real time, whatever business time it is
     * @param settings zone and tolerance of {@code timeStamp}
     */
    AuthTokenGuard(SellerKeys keys, Clock machineTime, CallbackSettings settings) {
        this.keys = keys;
        this.machineTime = machineTime;
        this.timestampZone = settings.timestampZone();
        this.timestampTolerance = settings.timestampTolerance();
    }

    /** The call's token; a {@code +} in it that was not encoded has become a space, which no token has. */
    static @Nullable String token(QueryParameters call) {
        String token = call.get(TOKEN);
        return token == null ? null : token.replace(' ', '+');
    }

    CallVerdict verdict(QueryParameters call) {
        String token = token(call);
        String timeStamp = call.get(TIMESTAMP);
        if (token == null || timeStamp == null) {
            return new CallVerdict.NotBelieved("authToken or timeStamp is missing");
        }
        Optional<SellerKey> signedWith = token.length() > MAX_TOKEN_CHARS
                ? Optional.empty()
                : keys.thatSigned(key -> isSigned(key, call, timeStamp, token));
        if (signedWith.isEmpty()) {
            return new CallVerdict.NotBelieved("wrong authToken");
        }
        return time(timeStamp)
                .map(sentAt -> CallbackGuard.staleness(sentAt, machineTime, timestampTolerance))
                .orElse(Optional.of("timeStamp is no time of 17 digits"))
                .<CallVerdict>map(CallVerdict.NotBelieved::new)
                .orElseGet(() -> new CallVerdict.Believed(signedWith.get()));
    }

    /**
     * Values are decoded and then signed, by support's answer; the page can be read as if they were signed as they came, too. That is believed
     * only where both readings say the same in all that is acted on: else a text signed in one way could be passed off in the other.
     */
    private static boolean isSigned(SellerKey key, QueryParameters call, String timeStamp, String token) {
        return key.signedQuery(call.joinedWithout(TOKEN), timeStamp, token)
                || (call.saysTheSameAsItCame(TOKEN) && key.signedQuery(call.asItCameWithout(TOKEN), timeStamp, token));
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
