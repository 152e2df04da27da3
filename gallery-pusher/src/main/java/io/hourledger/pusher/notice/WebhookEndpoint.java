package io.hourledger.pusher.notice;

import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where notices are sent.
 *
 * @param name stands in the database, in metrics and in commands
 * @param types which notices it takes
 */
record WebhookEndpoint(String name, URI url, List<WebhookSecret> secrets, Set<NoticeType> types) {

    /** Also true for a type that this version does not know: whoever wrote the notice knew it, and nothing is dropped in silence. */
    boolean takes(String type) {
        return !List.of(unwantedTypes()).contains(type);
    }

    /** The CloudEvents types that it does not take, for SQL. */
    String[] unwantedTypes() {
        return Stream.of(NoticeType.values())
                .filter(type -> !types.contains(type))
                .map(NoticeType::text)
                .toArray(String[]::new);
    }
}
