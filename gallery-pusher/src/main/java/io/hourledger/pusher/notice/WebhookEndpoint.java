package io.hourledger.pusher.notice;

import java.net.URI;
import java.util.List;
import java.util.Set;

/**
 * Where notices are sent.
 *
 * @param name stands in the database, in metrics and in commands
 * @param types which notices it takes
 */
record WebhookEndpoint(String name, URI url, List<WebhookSecret> secrets, Set<NoticeType> types) {

    /** The CloudEvents types that it takes, for SQL. */
    String[] typeTexts() {
        return types.stream().map(NoticeType::text).sorted().toArray(String[]::new);
    }
}
