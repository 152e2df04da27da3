package io.hourledger.ingest.accept;

import io.hourledger.contracts.access.ApiKey;
import org.jspecify.annotations.Nullable;

/** Access tokens of the seller's own issuer, which say who sends as an API key does. Nobody waits for the issuer here. */
public interface AccessTokens {

    /** Takes no token. */
    AccessTokens NONE = authorization -> new NoToken();

    /**
     * Reads the value of an {@code Authorization} header. Asked only once no API key was found for it.
     *
     * @param authorization null if the request has none
     */
    Reading read(@Nullable String authorization);

    /** What a header was read as. */
    sealed interface Reading {}

    /**
     * A token that holds now.
     *
     * @param key who sends and what it may write; it has no secret
     */
    record Sender(ApiKey key) implements Reading {}

    /** Nothing that is formed like a token, or tokens are not taken. */
    record NoToken() implements Reading {}

    /**
     * A token that does not hold, and will not later.
     *
     * @param why for its sender; it says nothing that the sender does not know
     */
    record Invalid(String why) implements Reading {}

    /**
     * A token that holds and allows nothing here.
     *
     * @param why for its sender
     */
    record Insufficient(String why) implements Reading {}

    /** Nobody can say now: the key that signed it is not known here, and the issuer may have it. */
    record Undecided() implements Reading {}
}
