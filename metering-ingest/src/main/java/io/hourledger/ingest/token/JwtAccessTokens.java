package io.hourledger.ingest.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.JWTProcessor;
import io.hourledger.contracts.access.KeySecret;
import io.hourledger.ingest.accept.AccessTokens;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Checks signed JWTs against the issuer's keys as they were read last, in the thread that asks and without I/O. A token that held is remembered
 * until it ends or the issuer's keys change, so an app pays for its signature once.
 */
final class JwtAccessTokens implements AccessTokens, AutoCloseable {

    private static final String SCHEME = "Bearer ";

    /** By RFC 9068; most issuers write JWT, or nothing. */
    private static final JOSEObjectType ACCESS_TOKEN = new JOSEObjectType("at+jwt");

    private static final DefaultJOSEObjectTypeVerifier<SecurityContext> TYPES =
            new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, ACCESS_TOKEN, null);

    private static final int MOST_REMEMBERED = 10_000;

    /** Anybody can send a token with a wrong signature, and that may not take the processors from those who send usage. */
    private static final int MOST_VERIFIED_AT_A_TIME =
            Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    private final AccessTokenSettings settings;
    private final ClaimRules rules;
    private final ScopeClaims scopes;
    private final Set<JWSAlgorithm> algorithms;
    private final Clock machineClock;
    private final Semaphore verifications;
    private final IssuerKeys<Verified> keys;

    /** A key set with what was verified by it. */
    private record Verified(JWTProcessor<SecurityContext> processor, Map<String, Held> remembered) {}

    /** A token that holds before a time. */
    private record Held(Sender sender, Instant end) {}

    /**
     * @param machineClock the time in which tokens end, however fast business time runs
     */
    JwtAccessTokens(AccessTokenSettings settings, ClaimSettings claims, Clock machineClock) {
        this(settings, claims, machineClock, new Semaphore(MOST_VERIFIED_AT_A_TIME));
    }

    /**
     * @param verifications how many signatures may be verified at a time
     */
    JwtAccessTokens(AccessTokenSettings settings, ClaimSettings claims, Clock machineClock, Semaphore verifications) {
        this.settings = settings;
        this.rules = new ClaimRules(settings, claims.sender(), machineClock);
        this.scopes = new ScopeClaims(claims, settings.requiredScope());
        this.algorithms = settings.jwsAlgorithms();
        this.machineClock = machineClock;
        this.verifications = verifications;
        this.keys = IssuerKeys.start(settings, set -> new Verified(processor(set), new ConcurrentHashMap<>()));
    }

    @Override
    public Reading read(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return new NoToken();
        }
        String text = authorization.substring(SCHEME.length()).strip();
        try {
            return read(text, SignedJWT.parse(text));
        } catch (ParseException notSigned) {
            return new NoToken();
        }
    }

    private Reading read(String text, SignedJWT token) {
        if (!algorithms.contains(token.getHeader().getAlgorithm())) {
            return new Invalid("its algorithm is not one that is taken");
        }
        IssuerKeys.Known<Verified> known = keys.known();
        if (known == null) {
            return new Undecided("the keys of the issuer are not known here yet");
        }
        String digest = KeySecret.sha256Of(text);
        Held held = known.made().remembered.get(digest);
        if (held != null && machineClock.instant().isBefore(held.end)) {
            return held.sender;
        }
        @Nullable Reading objection = objectionTo(token);
        if (objection != null) {
            return objection;
        }
        if (!IssuerKeys.haveOneFor(token.getHeader(), known.keys())) {
            return notVerified(digest, "the issuer has no key for its signature");
        }
        if (!verifications.tryAcquire()) {
            return new Undecided("too many tokens are verified at this time");
        }
        try {
            return verify(token, digest, known.made());
        } finally {
            verifications.release();
        }
    }

    private @Nullable Reading objectionTo(SignedJWT token) {
        try {
            TYPES.verify(token.getHeader().getType(), null);
            return rules.objectionTo(token.getJWTClaimsSet());
        } catch (BadJOSEException anotherType) {
            return new Invalid("its type is not one that is taken");
        } catch (ParseException noClaims) {
            return new Invalid("its claims cannot be read");
        }
    }

    /** Keys change, also under the same id: it is certain only once they were read again. */
    private Reading notVerified(String digest, String why) {
        return keys.isMissingFor(digest)
                ? new Invalid(why)
                : new Undecided("no key of the issuer that is known here has signed it");
    }

    private Reading verify(SignedJWT token, String digest, Verified verified) {
        try {
            JWTClaimsSet claims = verified.processor.process(token, null);
            Sender sender = new Sender(scopes.senderOf(claims));
            remember(
                    digest,
                    new Held(sender, claims.getExpirationTime().toInstant().plus(settings.clockSkew())),
                    verified);
            return sender;
        } catch (BadJOSEException | JOSEException doesNotHold) {
            return notVerified(digest, "its signature is wrong");
        } catch (ScopeClaims.NothingAllowed nothing) {
            return new Insufficient(nothing.why());
        }
    }

    /** Tokens that ended are not looked for: once there are many, all are forgotten, and each is verified once more. */
    private static void remember(String digest, Held held, Verified verified) {
        if (verified.remembered.size() >= MOST_REMEMBERED) {
            verified.remembered.clear();
        }
        verified.remembered.put(digest, held);
    }

    /** Its claims were looked at before, by {@link ClaimRules}. */
    private JWTProcessor<SecurityContext> processor(JWKSet set) {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSTypeVerifier(TYPES);
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithms, new ImmutableJWKSet<>(set)));
        processor.setJWTClaimsSetVerifier(null);
        return processor;
    }

    /** How many keys of the issuer are known; none before they were read once. */
    int keyCount() {
        return keys.count();
    }

    double secondsSinceKeysWereRead() {
        return keys.secondsSinceRead();
    }

    @Override
    public void close() {
        keys.close();
    }
}
