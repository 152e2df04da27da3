package io.hourledger.aggregator.page;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.ledger.access.ApiKeyLookup;
import io.hourledger.service.OperatorToken;
import org.jspecify.annotations.Nullable;

/** Finds out who asks for a receipt: an operator, or an app by its API key. */
final class ReceiptCallers {

    private static final String SCHEME = "Bearer ";

    private final OperatorToken operator;
    private final ApiKeyLookup keys;

    ReceiptCallers(OperatorToken operator, ApiKeyLookup keys) {
        this.operator = operator;
        this.keys = keys;
    }

    /** Who asks. */
    sealed interface Caller {

        /** Sees all. */
        record Operator() implements Caller {}

        /** Sees its own. */
        record App(ApiKey key) implements Caller {}

        /** Sees nothing. */
        record Nobody() implements Caller {}
    }

    /**
     * By the value of an {@code Authorization} header; null if there is none.
     *
     * @throws org.springframework.dao.DataAccessException if the keys cannot be read now
     */
    Caller caller(@Nullable String authorization) {
        if (operator.isIn(authorization)) {
            return new Caller.Operator();
        }
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return new Caller.Nobody();
        }
        return keys.find(authorization.substring(SCHEME.length()).strip())
                .<Caller>map(Caller.App::new)
                .orElseGet(Caller.Nobody::new);
    }
}
