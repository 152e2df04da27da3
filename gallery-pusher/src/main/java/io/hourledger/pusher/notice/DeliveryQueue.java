package io.hourledger.pusher.notice;

import io.hourledger.ledger.store.IndexScansOnly;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The notices that one endpoint has not taken: of each instance the first, with its later ones behind it. A claim is a try that was begun: until its
 * time is over nobody else tries the same notice, and whoever comes back later than that changes nothing.
 */
final class DeliveryQueue {

    private static final int A_TURN = 500;

    /** {@code statement_timestamp} can be looked up in the index, which {@code clock_timestamp} cannot. */
    private static final String CLAIM =
            """
            update pusher.notice_queue queue
               set tries = queue.tries + 1,
                   due_at = clock_timestamp() + make_interval(secs => :seconds),
                   claimed_until = clock_timestamp() + make_interval(secs => :seconds),
                   first_tried_at = coalesce(queue.first_tried_at, clock_timestamp())
              from (select endpoint, instance_id, resend_of from pusher.notice_queue
                     where endpoint = :endpoint and due_at <= statement_timestamp()
                     order by due_at limit 1 for update skip locked) due
             where queue.endpoint = due.endpoint and queue.instance_id = due.instance_id
               and queue.resend_of = due.resend_of
            returning queue.instance_id, queue.resend_of, queue.position, queue.tries""";

    private static final String NOTICE = "select id, type, body from pusher.notice where position = :position";

    private static final String LOCK =
            """
            select 1 from pusher.notice_queue
             where endpoint = :endpoint and instance_id = :instance and resend_of = :resend
               and position = :position and tries = :tries
               for update""";

    private static final String NEXT =
            """
            select position from pusher.notice
             where instance_id = :instance and position > :position and type <> all (:unwanted)
             order by position limit 1""";

    private static final String GO_ON =
            """
            update pusher.notice_queue
               set position = :next, tries = 0, due_at = clock_timestamp(), claimed_until = null, first_tried_at = null,
                   last_error = null
             where endpoint = :endpoint and instance_id = :instance and resend_of = 0""";

    private static final String EMPTY =
            """
            delete from pusher.notice_queue
             where endpoint = :endpoint and instance_id = :instance and resend_of = :resend""";

    private static final String FAILED =
            """
            update pusher.notice_queue
               set due_at = clock_timestamp() + make_interval(secs => :seconds), claimed_until = null, last_error = :why
             where endpoint = :endpoint and instance_id = :instance and resend_of = :resend
               and position = :position and tries = :tries""";

    /** What is being tried is not given up: it may be taken, and the next notice must not come before it. */
    private static final String TRIED_FOR_TOO_LONG =
            """
            select instance_id, resend_of, position, tries, last_error from pusher.notice_queue
             where endpoint = :endpoint
               and first_tried_at < statement_timestamp() - make_interval(secs => :seconds)
               and (claimed_until is null or claimed_until <= statement_timestamp())
             order by first_tried_at limit :turn
               for update skip locked""";

    /** The endpoint fails, so most notices were never tried. */
    private static final String WAITED_FOR_TOO_LONG =
            """
            select queue.instance_id, queue.resend_of, queue.position, queue.tries, queue.last_error
              from pusher.notice_queue queue
              join pusher.notice on notice.position = queue.position
             where queue.endpoint = :endpoint and queue.resend_of = 0
               and notice.recorded_at < statement_timestamp() - make_interval(secs => :seconds)
               and (queue.claimed_until is null or queue.claimed_until <= statement_timestamp())
               and exists (select from pusher.notice_endpoint
                            where endpoint = :endpoint
                              and failing_since < statement_timestamp() - make_interval(secs => :seconds))
             order by queue.position limit :turn
               for update of queue skip locked""";

    private static final String LEFT_FOR_TOO_LONG =
            """
            select queue.instance_id, queue.resend_of, queue.position, queue.tries,
                   'the endpoint is in the settings no more' || coalesce('; before: ' || queue.last_error, '')
              from pusher.notice_queue queue
              join pusher.notice on notice.position = queue.position
             where queue.endpoint = :endpoint
               and notice.recorded_at < statement_timestamp() - make_interval(secs => :seconds)
               and (queue.claimed_until is null or queue.claimed_until <= statement_timestamp())
             order by queue.position limit :turn
               for update of queue skip locked""";

    /** Each try moves {@code due_at} beyond itself. */
    private static final String IS_TRIED =
            """
            select exists (select from pusher.notice_queue
                            where endpoint = :endpoint and first_tried_at is not null
                              and due_at >= statement_timestamp() - make_interval(secs => :seconds))""";

    private static final String GIVE_UP =
            """
            insert into pusher.notice_dead_letter (endpoint, position, tries, last_error)
            values (:endpoint, :position, :tries, :error)
            on conflict (endpoint, position) do update
               set given_up_at = excluded.given_up_at, tries = excluded.tries, last_error = excluded.last_error,
                   resent_at = null""";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final String endpoint;
    private final String[] unwantedTypes;

    DeliveryQueue(JdbcClient jdbc, TransactionTemplate transaction, WebhookEndpoint endpoint) {
        this(jdbc, transaction, endpoint.name(), endpoint.unwantedTypes());
    }

    private DeliveryQueue(JdbcClient jdbc, TransactionTemplate transaction, String endpoint, String... unwantedTypes) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.endpoint = endpoint;
        this.unwantedTypes = unwantedTypes;
    }

    private record Place(String instanceId, long resendOf, long position, int tries, @Nullable String lastError) {}

    /**
     * A notice that is to be tried now, for the {@code tries}-th time.
     *
     * @param type as it is stored: another version may have written one that this one does not know
     */
    record Claim(String instanceId, long resendOf, long position, int tries, String id, String type, String body) {}

    /**
     * Begins a try.
     *
     * @param length how long the try may take
     * @return empty if nothing is due
     */
    Optional<Claim> claim(Duration length) {
        return Objects.requireNonNull(transaction.execute(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            return jdbc.sql(CLAIM)
                    .param("endpoint", endpoint)
                    .param("seconds", length.toMillis() / 1000.0)
                    .query((row, n) -> new Place(row.getString(1), row.getLong(2), row.getLong(3), row.getInt(4), null))
                    .optional()
                    .map(this::withNotice);
        }));
    }

    private Claim withNotice(Place place) {
        return jdbc.sql(NOTICE)
                .param("position", place.position)
                .query((row, n) -> new Claim(
                        place.instanceId,
                        place.resendOf,
                        place.position,
                        place.tries,
                        row.getString(1),
                        row.getString(2),
                        row.getString(3)))
                .single();
    }

    /** The endpoint has the notice; the instance's next one is due. */
    void delivered(Claim claim) {
        transaction.executeWithoutResult(tx -> {
            if (isStillIts(claim)) {
                goOnBehind(claim.instanceId, claim.resendOf, claim.position);
            }
        });
    }

    /** From here on whoever appends a notice of the instance waits for us, or we see it. */
    private boolean isStillIts(Claim claim) {
        return jdbc.sql(LOCK)
                .param("endpoint", endpoint)
                .param("instance", claim.instanceId)
                .param("resend", claim.resendOf)
                .param("position", claim.position)
                .param("tries", claim.tries)
                .query(Integer.class)
                .optional()
                .isPresent();
    }

    private void goOnBehind(String instanceId, long resendOf, long position) {
        Optional<Long> next = resendOf != 0
                ? Optional.empty()
                : jdbc.sql(NEXT)
                        .param("instance", instanceId)
                        .param("position", position)
                        .param("unwanted", unwantedTypes)
                        .query(Long.class)
                        .optional();
        if (next.isPresent()) {
            jdbc.sql(GO_ON)
                    .param("endpoint", endpoint)
                    .param("instance", instanceId)
                    .param("next", next.get())
                    .update();
        } else {
            jdbc.sql(EMPTY)
                    .param("endpoint", endpoint)
                    .param("instance", instanceId)
                    .param("resend", resendOf)
                    .update();
        }
    }

    /** The endpoint does not have the notice, or nobody knows; it is due again after the back-off. */
    void failed(Claim claim, String why, Duration backOff) {
        jdbc.sql(FAILED)
                .param("endpoint", endpoint)
                .param("instance", claim.instanceId)
                .param("resend", claim.resendOf)
                .param("position", claim.position)
                .param("tries", claim.tries)
                .param("why", why)
                .param("seconds", backOff.toMillis() / 1000.0)
                .update();
    }

    /** The endpoint takes nothing, or takes notices again. */
    void endpointFails(boolean fails) {
        jdbc.sql(
                        fails
                                ? "insert into pusher.notice_endpoint values (:endpoint, clock_timestamp()) on conflict do nothing"
                                : "delete from pusher.notice_endpoint where endpoint = :endpoint")
                .param("endpoint", endpoint)
                .update();
    }

    /**
     * Moves to the dead letters what was tried for so long, and, while the endpoint fails for so long, what waited for so long.
     *
     * @return how many there were
     */
    int giveUp(Duration after) {
        return giveUpAll(after, TRIED_FOR_TOO_LONG, WAITED_FOR_TOO_LONG);
    }

    /**
     * Moves to the dead letters what waited for so long for endpoints that are in the settings no more, so that a person sees it.
     *
     * @param known the names of the endpoints in the settings
     * @return how many there were
     */
    static int giveUpOfOthers(JdbcClient jdbc, TransactionTemplate transaction, List<String> known, Duration after) {
        return jdbc
                .sql("select distinct endpoint from pusher.notice_queue where endpoint <> all (:known)")
                .param("known", known.toArray(String[]::new))
                .query(String.class)
                .list()
                .stream()
                .mapToInt(name -> new DeliveryQueue(jdbc, transaction, name).giveUpAll(after, LEFT_FOR_TOO_LONG))
                .sum();
    }

    /**
     * If nothing was tried for so long, the endpoint was out of the settings or nothing ran. That says nothing against the endpoint, so its times
     * begin anew. To be called before the first claim.
     */
    void forgetOldTries(Duration after) {
        transaction.executeWithoutResult(tx -> {
            jdbc.sql(IndexScansOnly.SET).query().listOfRows();
            boolean tried = jdbc.sql(IS_TRIED)
                    .param("endpoint", endpoint)
                    .param("seconds", after.toMillis() / 1000.0)
                    .query(Boolean.class)
                    .single();
            if (!tried) {
                jdbc.sql(
                                "update pusher.notice_queue set first_tried_at = null where endpoint = :endpoint and first_tried_at is not null")
                        .param("endpoint", endpoint)
                        .update();
                endpointFails(false);
            }
        });
    }

    private int giveUpAll(Duration after, String... which) {
        int all = 0;
        int turn;
        do {
            turn = Objects.requireNonNull(transaction.execute(tx -> {
                jdbc.sql(IndexScansOnly.SET).query().listOfRows();
                return Stream.of(which)
                        .mapToInt(places -> giveUp(places, after))
                        .sum();
            }));
            all += turn;
        } while (turn > 0);
        return all;
    }

    private int giveUp(String which, Duration after) {
        List<Place> places = jdbc.sql(which)
                .param("endpoint", endpoint)
                .param("seconds", after.toMillis() / 1000.0)
                .param("turn", A_TURN)
                .query((row, n) ->
                        new Place(row.getString(1), row.getLong(2), row.getLong(3), row.getInt(4), row.getString(5)))
                .list();
        for (Place place : places) {
            jdbc.sql(GIVE_UP)
                    .param("endpoint", endpoint)
                    .param("position", place.position)
                    .param("tries", place.tries)
                    .param("error", place.lastError == null ? "the endpoint takes nothing" : place.lastError)
                    .update();
            goOnBehind(place.instanceId, place.resendOf, place.position);
        }
        return places.size();
    }
}
