package io.hourledger.contracts.access;

import java.util.Set;

/**
 * Who may send usage, and what. The secret itself is kept nowhere, only its SHA-256.
 *
 * @param id stands in the log beside each event that came with this key; it is never given to another key
 * @param name for people, logs and metrics; not secret
 * @param secrets those that may be valid; two while the key is rotated
 */
public record ApiKey(String id, String name, Set<KeySecret> secrets, KeyScope scope, KeyLimits limits) {

    /** Of an id and of a name. */
    public static final int MAX_CHARS = 100;

    public ApiKey {
        secrets = Set.copyOf(secrets);
        if (id.isBlank() || id.length() > MAX_CHARS) {
            throw new IllegalArgumentException("the id of a key has 1 to " + MAX_CHARS + " characters");
        }
        if (name.isBlank() || name.length() > MAX_CHARS) {
            throw new IllegalArgumentException("a key needs a name of at most " + MAX_CHARS + " characters");
        }
    }
}
