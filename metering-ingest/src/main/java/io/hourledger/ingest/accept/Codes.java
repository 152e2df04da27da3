package io.hourledger.ingest.accept;

import io.hourledger.contracts.usage.ReadUsage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The stable names that answers give their reasons, beside those of {@link ReadUsage.Code} in lower case. */
final class Codes {

    static final String FORBIDDEN = "forbidden";
    static final String TOO_OLD = "too_old";
    static final String TOO_FAR_AHEAD = "too_far_ahead";

    /** The code of {@link ReadUsage.Code#TOO_LARGE}. */
    static final String TOO_LARGE = "too_large";

    /** Certainly not taken: a bound was reached. */
    static final String BUSY = "busy";

    /** Handed to the log, which did not answer in time. */
    static final String UNCONFIRMED = "unconfirmed";

    /** The sender's own share of what may be here at the same time is used up. */
    static final String TOO_MANY_REQUESTS = "too_many_requests";

    /** The rate of the sender's key is used up. */
    static final String RATE_EXCEEDED = "rate_exceeded";

    /** Only asked about, and at least one event would be refused. */
    static final String NOT_ACCEPTABLE = "not_acceptable";

    static final String METHOD_NOT_ALLOWED = "method_not_allowed";
    static final String UNAUTHORIZED = "unauthorized";

    /** An access token that does not hold; named by RFC 6750. */
    static final String INVALID_TOKEN = "invalid_token";

    /** An access token that allows nothing here; named by RFC 6750. */
    static final String INSUFFICIENT_SCOPE = "insufficient_scope";

    static final String UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type";
    static final String BODY_TOO_LARGE = "body_too_large";
    static final String BODY_BROKEN = "body_broken";
    static final String BODY_TOO_SLOW = "body_too_slow";
    static final String TOO_MANY_EVENTS = "too_many_events";
    static final String NOT_A_BATCH = "not_a_batch";
    static final String INVALID_HEADER = "invalid_header";
    static final String PARTLY_REJECTED = "partly_rejected";
    static final String NOTHING_ACCEPTED = "nothing_accepted";
    static final String INTERNAL = "internal";

    /** What an event can be refused for, for good. */
    static final List<String> OF_REJECTED_EVENTS = Stream.concat(
                    Arrays.stream(ReadUsage.Code.values()).map(Codes::of), Stream.of(FORBIDDEN, TOO_OLD, TOO_FAR_AHEAD))
            .toList();

    /** Why an event is to be sent again. */
    static final List<String> OF_UNAVAILABLE_EVENTS = List.of(BUSY, UNCONFIRMED, INTERNAL);

    /** What a whole request can be refused for, by us. */
    static final List<String> OF_REFUSED_REQUESTS = List.of(
            UNAUTHORIZED,
            INVALID_TOKEN,
            INSUFFICIENT_SCOPE,
            METHOD_NOT_ALLOWED,
            TOO_MANY_REQUESTS,
            RATE_EXCEEDED,
            UNSUPPORTED_MEDIA_TYPE,
            BODY_TOO_LARGE,
            BODY_BROKEN,
            BODY_TOO_SLOW,
            TOO_MANY_EVENTS,
            NOT_A_BATCH,
            INVALID_HEADER,
            INTERNAL,
            BUSY);

    private Codes() {}

    static String of(ReadUsage.Code code) {
        return code.name().toLowerCase(Locale.ROOT);
    }
}
