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
     * @param why for its sender, who may be anybody; it names nothing that this service wants to see
     */
    record Invalid(String why) implements Reading {}

    /**
     * A token that holds and allows nothing here.
     *
     * @param why for its sender
     */
    record Insufficient(String why) implements Reading {}

    /**
     * Nobody can say now, and the same token may hold later: mostly the issuer may have a key that is not known here.
     *
     * @param why for its sender, who may be anybody
     */
    record Undecided(String why) implements Reading {}
}
