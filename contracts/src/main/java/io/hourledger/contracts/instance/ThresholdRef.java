package io.hourledger.contracts.instance;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Names a threshold and the period, or the package, whose usage is compared with it.
 *
 * @param threshold its name in the settings
 * @param period {@code hour}, {@code day}, {@code month} or {@code package}
 * @param from when the period begins, or when the package was opened
 * @param to when the period ends, excluded; null for a package, which ends when it is used up
 * @param packageInstanceId the package; null for a period
 */
public record ThresholdRef(
        String threshold, String period, Instant from, @Nullable Instant to, @Nullable String packageInstanceId) {

    /** A threshold of an hour, a day or a month. */
    public ThresholdRef(String threshold, String period, Instant from, Instant to) {
        this(threshold, period, from, to, null);
    }
}
