package io.hourledger.simulator.callback;

import io.hourledger.simulator.callback.Callback.State;
import io.hourledger.simulator.order.CallbackGeneration;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The calls to the seller as they are kept: a restart goes on with those that wait. */
@Component
class CallbackStore {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

    private static final String ADD =
            """
            insert into gallery.callback (activity, order_line_id, order_id, instance_id, fields, derived_ids, test, state,
                                          next_attempt_at, generation)
            select activity, order_line_id, order_id, instance_id, fields::jsonb, derived_ids, test, 'PENDING', :now, generation
              from unnest(:activities::text[], :lines::text[], :orders::text[], :instances::text[], :fields::text[],
                          :derived::boolean[], :tests::boolean[], :generations::smallint[])
                   with ordinality
                   as c (activity, order_line_id, order_id, instance_id, fields, derived_ids, test, generation,
                         position)
             order by position
            returning callback_id""";

    /** Calls of one order line go out one after the other, but for one that is held back. */
    private static final String DUE =
            """
            select c.*
              from gallery.callback c
             where c.state in ('PENDING', 'POLLING') and c.next_attempt_at <= :now
               and c.callback_id <> all(:underWay::bigint[])
               and not exists (select 1 from gallery.callback before
                                where before.order_line_id = c.order_line_id and before.callback_id < c.callback_id
                                  and before.state in ('PENDING', 'POLLING') and not before.held_back)
             order by c.next_attempt_at, c.callback_id
             limit :most""";

    private static final String FIRST_SENT =
            """
            update gallery.callback
               set first_sent_at = :business, give_up_at = :machine::timestamptz + g.millis * interval '1 millisecond'
              from unnest(:ids::bigint[], :spans::bigint[]) as g (id, millis)
             where callback_id = g.id and first_sent_at is null""";

    private static final String MOVE =
            """
            update gallery.callback
               set state = :state, attempts = attempts + 1, next_attempt_at = :next, settled_at = :settledAt,
                   instance_id = coalesce(:instanceId::text, instance_id), last_answer = :answer
             where callback_id = :id""";

    private static final String SEND_AGAIN =
            """
            update gallery.callback set state = 'PENDING', next_attempt_at = :now, give_up_at = null, settled_at = null
             where callback_id = :id and state in ('DONE', 'FAILED')""";

    private static final String FIND =
            "select * from gallery.callback where callback_id = any(:ids) order by callback_id";
    private static final String FIND_OF_LINES =
            "select * from gallery.callback where order_line_id = any(:lines) order by callback_id";
    private static final String IN_STATE =
            "select * from gallery.callback where state = :state order by callback_id limit :most";
    private static final String COUNTS = "select state, count(*) as calls from gallery.callback group by state";

    private static final String WAITING =
            "select exists (select 1 from gallery.callback where state in ('PENDING', 'POLLING'))";

    private final JdbcClient database;

    CallbackStore(JdbcClient database) {
        this.database = database;
    }

    /** A call to be sent. */
    record Draft(
            CallbackGeneration generation,
            Activity activity,
            String orderLineId,
            String orderId,
            @Nullable String instanceId,
            Map<String, Object> fields,
            boolean derivedIds,
            boolean test) {

        /** A call about an instance that is there; its ids are new on every call. */
        static Draft about(
                Instances.Instance instance,
                CallbackGeneration generation,
                Activity activity,
                Map<String, Object> fields) {
            return new Draft(
                    generation,
                    activity,
                    instance.ordered().orderLineId(),
                    instance.ordered().orderId(),
                    instance.instanceId(),
                    fields,
                    false,
                    instance.test());
        }
    }

    @Transactional(propagation = Propagation.MANDATORY)
    List<Long> add(List<Draft> drafts, Instant machineNow) {
        int size = drafts.size();
        String[] activities = new String[size];
        String[] lines = new String[size];
        String[] orders = new String[size];
        String[] instances = new String[size];
        String[] fields = new String[size];
        boolean[] derived = new boolean[size];
        boolean[] tests = new boolean[size];
        Short[] generations = new Short[size];
        for (int i = 0; i < size; i++) {
            Draft draft = drafts.get(i);
            activities[i] = draft.activity.name();
            lines[i] = draft.orderLineId;
            orders[i] = draft.orderId;
            instances[i] = draft.instanceId;
            fields[i] = JSON.writeValueAsString(draft.fields);
            derived[i] = draft.derivedIds;
            tests[i] = draft.test;
            generations[i] = (short) draft.generation.number();
        }
        return database.sql(ADD)
                .param("now", utc(machineNow))
                .param("activities", activities)
                .param("lines", lines)
                .param("orders", orders)
                .param("instances", instances)
                .param("fields", fields)
                .param("derived", derived)
                .param("tests", tests)
                .param("generations", generations)
                .query(Long.class)
                .list();
    }

    List<Callback> due(Instant machineNow, Collection<Long> underWay, int most) {
        return database.sql(DUE)
                .param("now", utc(machineNow))
                .param("underWay", underWay.toArray(Long[]::new))
                .param("most", most)
                .query(CallbackStore::callback)
                .list();
    }

    /** Keeps when each call goes out for the first time, before it does: the earliest moment at which the seller can have heard of it. */
    void keepFirstSent(List<Callback> callbacks, Instant businessNow, Instant machineNow, Duration newInstanceGivesUp) {
        List<Long> ids = new ArrayList<>();
        List<Long> spans = new ArrayList<>();
        for (Callback callback : callbacks) {
            if (callback.progress().firstSentAt() == null) {
                ids.add(callback.callbackId());
                spans.add((callback.activity() == Activity.NEW_INSTANCE ? newInstanceGivesUp : callback.repeatedFor())
                        .toMillis());
            }
        }
        if (!ids.isEmpty()) {
            database.sql(FIRST_SENT)
                    .param("business", utc(businessNow))
                    .param("machine", utc(machineNow))
                    .param("ids", ids.toArray(Long[]::new))
                    .param("spans", spans.toArray(Long[]::new))
                    .update();
        }
    }

    void move(
            Callback callback,
            State state,
            Instant nextAttemptAt,
            @Nullable Instant settledAt,
            @Nullable String instanceId,
            String answer) {
        database.sql(MOVE)
                .param("state", state.name())
                .param("next", utc(nextAttemptAt))
                .param("settledAt", settledAt == null ? null : utc(settledAt), java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
                .param("instanceId", instanceId, java.sql.Types.VARCHAR)
                .param("answer", answer)
                .param("id", callback.callbackId())
                .update();
    }

    /** Later calls of its order line go out before it. */
    void holdBack(Callback callback, Instant until) {
        database.sql("update gallery.callback set held_back = true, next_attempt_at = :until where callback_id = :id")
                .param("until", utc(until))
                .param("id", callback.callbackId())
                .update();
    }

    boolean sendAgain(long callbackId, Instant machineNow) {
        return database.sql(SEND_AGAIN)
                        .param("now", utc(machineNow))
                        .param("id", callbackId)
                        .update()
                == 1;
    }

    List<Callback> find(Collection<Long> ids) {
        return database.sql(FIND)
                .param("ids", ids.toArray(Long[]::new))
                .query(CallbackStore::callback)
                .list();
    }

    List<Callback> ofLines(Collection<String> orderLineIds) {
        return database.sql(FIND_OF_LINES)
                .param("lines", orderLineIds.toArray(String[]::new))
                .query(CallbackStore::callback)
                .list();
    }

    List<Callback> inState(State state, int most) {
        return database.sql(IN_STATE)
                .param("state", state.name())
                .param("most", most)
                .query(CallbackStore::callback)
                .list();
    }

    boolean areWaiting() {
        return database.sql(WAITING).query(Boolean.class).single();
    }

    Map<String, Long> counts() {
        Map<String, Long> counts = new java.util.TreeMap<>();
        for (State state : State.values()) {
            counts.put(state.name().toLowerCase(java.util.Locale.ROOT), 0L);
        }
        database.sql(COUNTS).query(row -> {
            counts.put(row.getString("state").toLowerCase(java.util.Locale.ROOT), row.getLong("calls"));
        });
        return counts;
    }

    private static Callback callback(ResultSet row, int number) throws SQLException {
        return new Callback(
                row.getLong("callback_id"),
                Activity.valueOf(row.getString("activity")),
                row.getString("order_line_id"),
                row.getString("order_id"),
                row.getString("instance_id"),
                new Callback.Content(
                        CallbackGeneration.of(row.getInt("generation")),
                        JSON.readValue(row.getString("fields"), FIELDS),
                        row.getBoolean("derived_ids"),
                        row.getBoolean("test")),
                new Callback.Progress(
                        State.valueOf(row.getString("state")),
                        row.getInt("attempts"),
                        row.getBoolean("held_back"),
                        instant(row, "give_up_at").orElse(null),
                        instant(row, "first_sent_at").orElse(null),
                        row.getString("last_answer")));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
