package io.hourledger.pusher.notice;

import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.StoredEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Writes notices down as the ledger's feed tells of events, and queues each for the endpoints that take it. All of that is one transaction with
 * the reader's position. Nothing is sent here: no transaction waits for Kafka or for an endpoint.
 */
final class NoticeLog implements LedgerFeed.Reader {

    /** A conflict is one of the id, or of what is told once. Positions are drawn in the order of the batch, and by one reader at a time. */
    private static final String APPEND =
            """
            insert into pusher.notice (id, instance_id, type, body, told_once)
            select id, instance_id, type, body, told_once
              from unnest(:ids::text[], :instances::text[], :types::text[], :bodies::text[], :once::text[])
                   with ordinality as fresh (id, instance_id, type, body, told_once, n)
             order by n
                on conflict do nothing
            returning position, instance_id, type""";

    /** A queue that is there already is locked all the same: whoever empties it looks for notices only when this has been committed. */
    private static final String QUEUE =
            """
            insert into pusher.notice_queue as queue (endpoint, instance_id, position)
            select :endpoint, instance_id, position
              from unnest(:instances::text[], :positions::bigint[]) as fresh (instance_id, position)
                on conflict (endpoint, instance_id, resend_of) do update set position = queue.position""";

    private final JdbcClient jdbc;
    private final NoticeJson json;
    private final List<WebhookEndpoint> endpoints;

    NoticeLog(JdbcClient jdbc, NoticeJson json, List<WebhookEndpoint> endpoints) {
        this.jdbc = jdbc;
        this.json = json;
        this.endpoints = endpoints;
    }

    private record Appended(long position, String instanceId, String type) {}

    @Override
    public void read(List<StoredEvent> batch) {
        Map<String, Notice> notices = new LinkedHashMap<>();
        for (StoredEvent event : batch) {
            Notice.of(event).ifPresent(notice -> notices.putIfAbsent(notice.id(), notice));
        }
        if (notices.isEmpty()) {
            return;
        }
        List<Appended> appended = append(notices.values());
        for (WebhookEndpoint endpoint : endpoints) {
            queue(endpoint, appended);
        }
    }

    private List<Appended> append(Collection<Notice> notices) {
        return jdbc.sql(APPEND)
                .param("ids", texts(notices, Notice::id))
                .param("instances", texts(notices, Notice::instanceId))
                .param("types", texts(notices, notice -> notice.type().text()))
                .param("bodies", texts(notices, json::text))
                .param("once", notices.stream().map(Notice::toldOnce).toArray(String[]::new))
                .query((row, n) -> new Appended(row.getLong(1), row.getString(2), row.getString(3)))
                .list();
    }

    /** Always in the order of the instances, so that two transactions cannot lock each other out. */
    private void queue(WebhookEndpoint endpoint, List<Appended> appended) {
        SortedMap<String, Long> first = new TreeMap<>();
        for (Appended notice : appended) {
            if (endpoint.takes(notice.type)) {
                first.merge(notice.instanceId, notice.position, Math::min);
            }
        }
        if (first.isEmpty()) {
            return;
        }
        jdbc.sql(QUEUE)
                .param("endpoint", endpoint.name())
                .param("instances", first.keySet().toArray(String[]::new))
                .param("positions", new ArrayList<>(first.values()).toArray(Long[]::new))
                .update();
    }

    private static String[] texts(Collection<Notice> notices, Function<Notice, String> text) {
        return notices.stream().map(text).toArray(String[]::new);
    }
}
