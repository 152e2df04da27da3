package io.hourledger.ingest.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.JWTProcessor;
import io.hourledger.contracts.access.KeySecret;
import io.hourledger.ingest.accept.AccessTokens;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks signed JWTs against the issuer's keys as they were read last, in the thread that asks and without I/O. A token that held is remembered
 * until it ends or the issuer's keys change, so an app pays for its signature once.
 */
final class JwtAccessTokens implements AccessTokens, AutoCloseable {

    private static final String SCHEME = "Bearer ";

    /** By RFC 9068; most issuers write JWT, or nothing. */
    private static final JOSEObjectType ACCESS_TOKEN = new JOSEObjectType("at+jwt");

    private static final int MOST_REMEMBERED = 10_000;

    private final AccessTokenSettings settings;
    private final ScopeClaims scopes;
    private final Set<JWSAlgorithm> algorithms;
    private final Clock machineClock;
    private final IssuerKeys<Verified> keys;

    /** A key set with what was verified by it. */
    private record Verified(JWTProcessor<SecurityContext> processor, Map<String, Held> remembered) {}

    /** A token that holds before a time. */
    private record Held(Sender sender, Instant end) {}

    /**
     * @param machineClock the time in which tokens end, however fast business time runs
     */
    JwtAccessTokens(AccessTokenSettings settings, ClaimSettings claims, Clock machineClock) {
        this.settings = settings;
        this.scopes = new ScopeClaims(claims, settings.requiredScope());
        this.algorithms = settings.jwsAlgorithms();
        this.machineClock = machineClock;
        this.keys = IssuerKeys.start(
                settings, set -> new Verified(processor(set, claims.sender()), new ConcurrentHashMap<>()));
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
            return new Undecided();
        }
        String digest = KeySecret.sha256Of(text);
        Held held = known.made().remembered.get(digest);
        if (held != null && machineClock.instant().isBefore(held.end)) {
            return held.sender;
        }
        if (!hasKeyFor(token.getHeader(), known.keys())) {
            String keyId = token.getHeader().getKeyID();
            return keys.isMissing(keyId == null ? "" : keyId)
                    ? new Invalid("the issuer has no key of that id")
                    : new Undecided();
        }
        return verify(token, digest, known.made());
    }

    private static boolean hasKeyFor(JWSHeader header, JWKSet keys) {
        return !new JWKSelector(JWKMatcher.forJWSHeader(header)).select(keys).isEmpty();
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
            return new Invalid(String.valueOf(doesNotHold.getMessage()));
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

    private JWTProcessor<SecurityContext> processor(JWKSet set, String senderClaim) {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, ACCESS_TOKEN, null));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(algorithms, new ImmutableJWKSet<>(set)));
        DefaultJWTClaimsVerifier<SecurityContext> verifier =
                new DefaultJWTClaimsVerifier<>(
                        Set.of(settings.audience()),
                        new JWTClaimsSet.Builder().issuer(settings.issuer()).build(),
                        Set.of("exp", senderClaim),
                        Set.of()) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(machineClock.instant());
                    }
                };
        verifier.setMaxClockSkew(Math.toIntExact(settings.clockSkew().toSeconds()));
        processor.setJWTClaimsSetVerifier(verifier);
        return processor;
    }

    double secondsSinceKeysWereRead() {
        return keys.secondsSinceRead();
    }

    @Override
    public void close() {
        keys.close();
    }
}
