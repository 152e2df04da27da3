package io.hourledger.pusher.koogallery.callback;

import io.hourledger.pusher.koogallery.SellerKey;
import io.hourledger.pusher.koogallery.SellerKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tells the marketplace's V2.0 calls from anybody else's (koogallery.md, section 4.2). That a nonce is new is for the callback table to say. */
final class CallbackGuard {

    private static final Duration TOLERANCE = Duration.ofSeconds(60);
    private static final int MAX_PARAMETER_CHARS = 256;

    /**
     * One spelling for each time. The signature covers nonce and timestamp without a mark between them, so a zero or a sign moved from the
     * end of the nonce to the front of the timestamp would make a call that was overheard a new one.
     */
    private static final Pattern UNIX_TIME = Pattern.compile("[1-9][0-9]{9,12}");

    /** A Unix time above this is in milliseconds: as seconds it would lie beyond the year 5000. */
    private static final long LARGEST_SECONDS = 100_000_000_000L;

    private final SellerKeys keys;
    private final Clock machineTime;

    /**
     * @param machineTime the machine's clock: signatures are compared with real time, whatever business time it is
     */
    CallbackGuard(SellerKeys keys, Clock machineTime) {
        this.keys = keys;
        this.machineTime = machineTime;
    }

    CallVerdict verdict(
            byte[] rawBody, @Nullable String signature, @Nullable String timestamp, @Nullable String nonce) {
        if (signature == null || timestamp == null || nonce == null) {
            return new CallVerdict.NotBelieved("signature, timestamp or nonce is missing");
        }
        if (tooLong(signature) || tooLong(timestamp) || tooLong(nonce)) {
            return new CallVerdict.NotBelieved("signature, timestamp or nonce is too long");
        }
        if (nonce.chars().anyMatch(Character::isISOControl)) {
            return new CallVerdict.NotBelieved("the nonce has control characters");
        }
        Optional<SellerKey> signedWith = keys.thatSigned(key -> key.signedCall(rawBody, nonce, timestamp, signature));
        if (signedWith.isEmpty()) {
            return new CallVerdict.NotBelieved("wrong signature");
        }
        Optional<Instant> sentAt = time(timestamp);
        if (sentAt.isEmpty()) {
            return new CallVerdict.NotBelieved("the timestamp is no Unix time");
        }
        return staleness(sentAt.get(), machineTime, TOLERANCE)
                .<CallVerdict>map(CallVerdict.NotBelieved::new)
                .orElseGet(() -> new CallVerdict.Believed(signedWith.get()));
    }

    /** What is wrong with the time at which a call was sent; empty if nothing is. */
    static Optional<String> staleness(Instant sentAt, Clock machineTime, Duration tolerance) {
        Duration skew = Duration.between(sentAt, machineTime.instant()).abs();
        return skew.compareTo(tolerance) > 0 ? Optional.of("the timestamp is " + skew + " off") : Optional.empty();
    }

    private static boolean tooLong(String parameter) {
        return parameter.length() > MAX_PARAMETER_CHARS;
    }

    private static Optional<Instant> time(String timestamp) {
        if (!UNIX_TIME.matcher(timestamp).matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(timestamp);
        return Optional.of(number > LARGEST_SECONDS ? Instant.ofEpochMilli(number) : Instant.ofEpochSecond(number));
    }
}
