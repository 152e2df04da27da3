package io.hourledger.client;

import org.jspecify.annotations.Nullable;

/** Says that a call to {@link MeteringClient#usage} recorded nothing: no room, no disk, or a closed client. */
public final class UsageNotRecordedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    UsageNotRecordedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
