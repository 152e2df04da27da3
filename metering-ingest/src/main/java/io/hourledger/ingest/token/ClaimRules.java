package io.hourledger.ingest.token;

import com.nimbusds.jwt.JWTClaimsSet;
import io.hourledger.ingest.accept.AccessTokens.Invalid;
import io.hourledger.ingest.accept.AccessTokens.Reading;
import io.hourledger.ingest.accept.AccessTokens.Undecided;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * What the claims of a token must say, whoever signed it. Asked before the signature, which costs more. So the words name no value of the
 * settings: nobody knows yet who reads them.
 */
final class ClaimRules {

    private final AccessTokenSettings settings;
    private final String senderClaim;
    private final Clock machineClock;

    ClaimRules(AccessTokenSettings settings, String senderClaim, Clock machineClock) {
        this.settings = settings;
        this.senderClaim = senderClaim;
        this.machineClock = machineClock;
    }

    /** Why the token does not hold, or not yet; null if it does as soon as its signature does. */
    @Nullable Reading objectionTo(JWTClaimsSet claims) {
        if (!settings.issuer().equals(claims.getIssuer())) {
            return new Invalid("its claim iss names another issuer than the one that is taken here");
        }
        if (!claims.getAudience().contains(settings.audience())) {
            return new Invalid("its claim aud does not name this service");
        }
        if (claims.getClaim(senderClaim) == null) {
            return new Invalid("it lacks the claim " + senderClaim);
        }
        return objectionToTime(instantOf(claims.getExpirationTime()), instantOf(claims.getNotBeforeTime()));
    }

    private @Nullable Reading objectionToTime(@Nullable Instant end, @Nullable Instant start) {
        if (end == null) {
            return new Invalid("it lacks the claim exp");
        }
        Instant now = machineClock.instant();
        if (!end.plus(settings.clockSkew()).isAfter(now)) {
            return new Invalid("it has ended, by its claim exp");
        }
        if (start == null || !start.minus(settings.clockSkew()).isAfter(now)) {
            return null;
        }
        return start.isBefore(end)
                ? new Undecided("it has not begun, by its claim nbf")
                : new Invalid("it ends before it begins, by its claims exp and nbf");
    }

    @SuppressWarnings("JavaUtilDate") // the library's type of a claim
    private static @Nullable Instant instantOf(@Nullable Date claim) {
        return claim == null ? null : claim.toInstant();
    }
}
