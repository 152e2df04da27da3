package io.hourledger.contracts.access;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who may send usage, and what. The secret itself is kept nowhere, only its SHA-256.
 *
 * @param id stands in the log beside each event that came with this key; it is never given to another key
 * @param name for people, logs and metrics; not secret
 * @param secrets the SHA-256 of each secret that is valid, as 64 hexadecimal digits in lower case; two while the key is rotated
 */
public record ApiKey(String id, String name, Set<String> secrets, KeyScope scope, KeyLimits limits) {

    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final int MAX_CHARS = 100;

    public ApiKey {
        secrets = Set.copyOf(secrets);
        if (id.isBlank() || id.length() > MAX_CHARS) {
            throw new IllegalArgumentException("the id of a key has 1 to " + MAX_CHARS + " characters");
        }
        if (name.isBlank() || name.length() > MAX_CHARS) {
            throw new IllegalArgumentException("a key needs a name of at most " + MAX_CHARS + " characters");
        }
        if (!secrets.stream().allMatch(secret -> SHA_256.matcher(secret).matches())) {
            throw new IllegalArgumentException(
                    "a secret of " + name + " is not told as its SHA-256 in 64 hexadecimal digits in lower case");
        }
    }
}
