package io.hourledger.ingest.token;

import com.nimbusds.jose.JWSAlgorithm;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Whose access tokens are taken beside API keys. None are until an issuer is named.
 *
 * @param issuer what the claim {@code iss} must be, exactly; empty for no tokens
 * @param jwks where the issuer's public keys are, as https:, or file:; not set: as {@code issuer}/.well-known/openid-configuration says
 * @param audience what the claim {@code aud} must hold, so that a token for another service is not taken
 * @param algorithms of signatures, those of RSA and of elliptic curves; a token cannot choose another
 * @param clockSkew by how much the issuer's clock may differ
 * @param requiredScope what the claim {@code scope} or {@code scp} must hold; empty for nothing
 * @param refresh how often the issuer's keys are read
 */
@ConfigurationProperties("hourledger.ingest.access-tokens")
record AccessTokenSettings(
        @DefaultValue("") String issuer,
        @Nullable URI jwks,
        @DefaultValue("") String audience,
        @DefaultValue("RS256") List<String> algorithms,
        @DefaultValue("PT30S") Duration clockSkew,
        @DefaultValue("") String requiredScope,
        @DefaultValue("PT5M") Duration refresh) {

    private static final String PREFIX = "hourledger.ingest.access-tokens.";
    private static final Duration MOST_SKEW = Duration.ofMinutes(5);

    /** With a symmetric one whoever checks a token could make one. */
    private static final Set<String> ASYMMETRIC =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

    AccessTokenSettings {
        algorithms = List.copyOf(algorithms);
        if (!issuer.isEmpty()) {
            require(isTrusted(URI.create(issuer)), "issuer must be an https: address, and is " + issuer);
            require(
                    !audience.isBlank(),
                    "audience is not set: name what the claim aud of a token for this service holds");
            require(
                    jwks == null || "file".equals(jwks.getScheme()) || isTrusted(jwks),
                    "jwks must be an https: or file: address, and is " + jwks);
            require(
                    !algorithms.isEmpty() && ASYMMETRIC.containsAll(algorithms),
                    "algorithms must be some of RS, PS or ES with 256, 384 or 512, such as RS256, and are "
                            + algorithms);
            require(
                    !clockSkew.isNegative() && clockSkew.compareTo(MOST_SKEW) <= 0,
                    "clock-skew must lie between zero and " + MOST_SKEW + ", such as PT30S, and is " + clockSkew);
            require(refresh.toMillis() > 0, "refresh must be above zero, such as PT5M");
        }
    }

    boolean areTaken() {
        return !issuer.isEmpty();
    }

    Set<JWSAlgorithm> jwsAlgorithms() {
        return algorithms.stream().map(JWSAlgorithm::parse).collect(Collectors.toUnmodifiableSet());
    }

    /** Whoever can change what comes from there can make tokens. */
    static boolean isTrusted(URI address) {
        String host = address.getHost();
        boolean isHere = "localhost".equals(host) || "127.0.0.1".equals(host);
        return host != null && ("https".equals(address.getScheme()) || (isHere && "http".equals(address.getScheme())));
    }

    private static void require(boolean met, String sentence) {
        if (!met) {
            throw new IllegalArgumentException(PREFIX + sentence);
        }
    }
}
