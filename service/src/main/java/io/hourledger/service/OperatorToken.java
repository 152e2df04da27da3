package io.hourledger.service;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Knows an operator by the bearer token {@code hourledger.operator-token}: RFC 6750. */
public final class OperatorToken {

    private final byte[] expected;

    OperatorToken(String operatorToken) {
        this.expected = ("Bearer " + operatorToken).getBytes(UTF_8);
    }

    /**
     * @throws IllegalArgumentException if no token is set
     */
    public static OperatorToken of(RequiredSettings settings) {
        return new OperatorToken(settings.requiredOperatorToken());
    }

    /**
     * Whether an operator asks. How long it takes says nothing about the token.
     *
     * @param authorization the value of the header; null if there is none
     */
    public boolean isIn(@Nullable String authorization) {
        return authorization != null && MessageDigest.isEqual(expected, authorization.getBytes(UTF_8));
    }
}
