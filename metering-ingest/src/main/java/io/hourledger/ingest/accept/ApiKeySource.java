package io.hourledger.ingest.accept;

import io.hourledger.contracts.access.ApiKey;
import java.util.Optional;

/** The API keys that were made by a person, beside those of the settings. They may change at any time. */
public interface ApiKeySource {

    /** False until it was told of any; then nobody can say that a secret is not known. */
    boolean isTold();

    /** The key with this secret, told by the secret's SHA-256 as hexadecimal digits in lower case, if it is valid now. */
    Optional<ApiKey> keyOf(String sha256);
}
