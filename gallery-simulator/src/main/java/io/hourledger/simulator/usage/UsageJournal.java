package io.hourledger.simulator.usage;

import io.hourledger.simulator.fault.Fault;
import io.hourledger.simulator.fault.Faults;
import io.hourledger.simulator.settings.SimulatorSettings;
import io.hourledger.simulator.usage.PushedRecord.Earlier;
import io.hourledger.simulator.usage.PushedRecord.Malformed;
import io.hourledger.simulator.usage.PushedRecord.WellFormed;
import io.hourledger.simulator.usage.RecordRules.Assessed;
import io.hourledger.simulator.usage.RecordRules.Known;
import io.hourledger.simulator.usage.RecordRules.Limits;
import io.hourledger.simulator.usage.RecordRules.Window;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Judges a call's records and keeps them, in one transaction that is over before the call is answered. Calls are judged one after the
 * other, so that of two equal records exactly one is the first.
 */
@Component
final class UsageJournal {

    private static final String ONE_AFTER_THE_OTHER = "select pg_advisory_xact_lock(hashtext('gallery.usage'))";

    private static final String SAME_SN =
            """
            select metering_sn, instance_id, begin_at, end_at, record_time, amount, package_instance_id,
                   state = 'ACCEPTED' as accepted
              from gallery.usage_record
             where metering_sn = any(:sns) and as_sent is null and state = 'ACCEPTED'
            union all
            select metering_sn, instance_id, begin_at, end_at, record_time, amount, package_instance_id, false
              from gallery.usage_record
             where metering_sn = any(:sns) and as_sent is null and state <> 'ACCEPTED'""";

    private static final String SAME_WINDOW =
            """
            select r.metering_sn, r.instance_id, r.begin_at, r.end_at, r.record_time, r.amount, r.package_instance_id,
                   true as accepted
              from unnest(:instances::text[], :begins::bigint[], :ends::bigint[]) as w (instance_id, begin_s, end_s)
              join gallery.usage_record r
                on r.instance_id = w.instance_id and r.begin_at = to_timestamp(w.begin_s)
               and r.end_at = to_timestamp(w.end_s) and r.state = 'ACCEPTED'""";

    private static final String OVERLAPPING =
            """
            select w.instance_id, w.begin_s, w.end_s
              from unnest(:instances::text[], :begins::bigint[], :ends::bigint[]) as w (instance_id, begin_s, end_s)
             where exists (
                select 1 from gallery.usage_record r
                 where r.instance_id = w.instance_id and r.state = 'ACCEPTED'
                   and r.begin_at < to_timestamp(w.end_s) and r.end_at > to_timestamp(w.begin_s)
                   and (r.begin_at, r.end_at) <> (to_timestamp(w.begin_s), to_timestamp(w.end_s)))""";

    private static final String KEEP_CALL =
            """
            insert into gallery.usage_call (received_at, nonce, records, stored, http_status, code, fault, detail)
            values (:receivedAt, :nonce, :records, :stored, :httpStatus, :code, :fault, :detail)
            returning call_id""";

    private static final String KEEP_RECORDS =
            """
            insert into gallery.usage_record (call_id, position, instance_id, metering_sn, begin_at, end_at, record_time,
                                              amount, usage_value, package_instance_id, as_sent, received_at, state, code,
                                              repeats, rejected_later_at)
            select :call, position, instance_id, metering_sn, to_timestamp(begin_s), to_timestamp(end_s),
                   to_timestamp(record_s), amount::numeric, usage_value, package_id, as_sent::jsonb, :receivedAt, state,
                   code, repeats, to_timestamp(later_s)
              from unnest(:positions::int[], :instances::text[], :sns::text[], :begins::bigint[], :ends::bigint[],
                          :recordTimes::bigint[], :amounts::text[], :values::text[], :packages::text[], :asSent::text[],
                          :states::text[], :codes::text[], :repeats::boolean[], :laters::bigint[])
                   as r (position, instance_id, metering_sn, begin_s, end_s, record_s, amount, usage_value, package_id,
                         as_sent, state, code, repeats, later_s)""";

    private static final String NONCE_INDEX = "usage_call_nonce";

    private final JdbcClient database;
    private final TransactionTemplate transaction;
    private final InstanceLookup instances;
    private final Faults faults;
    private final Limits limits;

    UsageJournal(JdbcClient database, TransactionTemplate transaction, Faults faults, SimulatorSettings settings) {
        this.database = database;
        this.transaction = transaction;
        this.instances = new InstanceLookup(database);
        this.faults = faults;
        this.limits = new Limits(settings.clockTolerance(), settings.refuseOverlaps(), settings.refuseCrossingHours());
    }

    /** A call as it is kept. */
    record Call(Instant receivedAt, @Nullable String nonce, int records, @Nullable Misbehaved misbehaved) {}

    private enum Effect {
        /** The call's records are kept. */
        STORED,
        NONE
    }

    /** What goes wrong with the answer of a call that is kept. */
    record Misbehaved(String word, int httpStatus, String code) {}

    /** What became of a call's records, or why none was kept. */
    sealed interface Result {

        record Stored(List<Assessed> records) implements Result {}

        record Refused(Refusal refusal) implements Result {}
    }

    /** Keeps that a call was answered without any effect. */
    void keepAnswered(
            Instant receivedAt, int records, int httpStatus, String code, @Nullable String fault, String detail) {
        insertCall(receivedAt, null, records, Effect.NONE, httpStatus, code, fault, detail);
    }

    /**
     * @param refusesAsAWhole whether one bad record refuses the call ({@link io.hourledger.simulator.settings.AnswerModel#SILENT}) where the
     *     documentation has a code for it, or is only marked
     */
    Result keep(Call call, List<PushedRecord> records, boolean refusesAsAWhole) {
        try {
            Result result = transaction.execute(status -> keepInTransaction(call, records, refusesAsAWhole));
            return Objects.requireNonNull(result);
        } catch (DuplicateKeyException duplicate) {
            if (String.valueOf(duplicate.getMessage()).contains(NONCE_INDEX)) {
                Refusal refusal = Refusal.signatureWrong("the nonce was used before");
                keepAnswered(
                        call.receivedAt, records.size(), refusal.httpStatus(), refusal.code(), null, refusal.message());
                return new Result.Refused(refusal);
            }
            throw duplicate;
        }
    }

    private Result keepInTransaction(Call call, List<PushedRecord> records, boolean refusesAsAWhole) {
        database.sql(ONE_AFTER_THE_OTHER).query(row -> {});
        RecordRules rules = new RecordRules(known(records), call.receivedAt, limits);
        Refusal refusal = refusesAsAWhole ? rules.refusal(records) : null;
        if (refusal != null) {
            insertCall(
                    call.receivedAt,
                    call.nonce,
                    records.size(),
                    Effect.NONE,
                    refusal.httpStatus(),
                    refusal.code(),
                    null,
                    refusal.message());
            return new Result.Refused(refusal);
        }
        List<Assessed> assessed = rules.assess(records);
        Misbehaved misbehaved = call.misbehaved;
        long callId = insertCall(
                call.receivedAt,
                call.nonce,
                records.size(),
                Effect.STORED,
                misbehaved == null ? 200 : misbehaved.httpStatus,
                misbehaved == null ? "MKT.0000" : misbehaved.code,
                misbehaved == null ? null : misbehaved.word,
                null);
        insertRecords(callId, call.receivedAt, assessed);
        return new Result.Stored(assessed);
    }

    private Known known(List<PushedRecord> records) {
        Set<String> ids = new HashSet<>();
        List<String> sns = new ArrayList<>(records.size());
        WindowArrays windows = new WindowArrays(records.size());
        for (PushedRecord record : records) {
            ids.add(record.instanceId());
            if (record instanceof WellFormed wellFormed) {
                String packageId = wellFormed.packageInstanceId();
                if (packageId != null) {
                    ids.add(packageId);
                }
                sns.add(wellFormed.meteringSn());
                windows.add(wellFormed);
            }
        }
        Set<Earlier> earlier = new HashSet<>();
        earlier.addAll(database.sql(SAME_SN)
                .param("sns", sns.toArray(String[]::new))
                .query(UsageJournal::earlier)
                .list());
        earlier.addAll(windows.in(database.sql(SAME_WINDOW))
                .query(UsageJournal::earlier)
                .list());
        Set<Window> overlapping = new HashSet<>();
        if (limits.refuseOverlaps()) {
            overlapping.addAll(windows.in(database.sql(OVERLAPPING))
                    .query((row, number) -> new Window(
                            row.getString(1),
                            Instant.ofEpochSecond(row.getLong(2)),
                            Instant.ofEpochSecond(row.getLong(3))))
                    .list());
        }
        return new Known(instances.of(ids), List.copyOf(earlier), overlapping);
    }

    private long insertCall(
            Instant receivedAt,
            @Nullable String nonce,
            int records,
            Effect effect,
            int httpStatus,
            String code,
            @Nullable String fault,
            @Nullable String detail) {
        return database.sql(KEEP_CALL)
                .param("receivedAt", utc(receivedAt))
                .param("nonce", nonce)
                .param("records", records)
                .param("stored", effect == Effect.STORED)
                .param("httpStatus", httpStatus)
                .param("code", code)
                .param("fault", fault)
                .param("detail", detail)
                .query(Long.class)
                .single();
    }

    private void insertRecords(long callId, Instant receivedAt, List<Assessed> assessed) {
        int size = assessed.size();
        int[] positions = new int[size];
        String[] instances = new String[size];
        String[] sns = new String[size];
        Long[] begins = new Long[size];
        Long[] ends = new Long[size];
        Long[] recordTimes = new Long[size];
        String[] amounts = new String[size];
        String[] values = new String[size];
        String[] packages = new String[size];
        String[] asSent = new String[size];
        String[] states = new String[size];
        String[] codes = new String[size];
        boolean[] repeats = new boolean[size];
        Long[] laters = new Long[size];
        for (int i = 0; i < size; i++) {
            Assessed one = assessed.get(i);
            RecordAnswerCode code = one.code();
            positions[i] = one.record().position();
            instances[i] = one.record().instanceId();
            values[i] = one.record().usageValue();
            states[i] = one.accepted() ? "ACCEPTED" : "REJECTED";
            codes[i] = code == null ? null : code.number();
            repeats[i] = one.repeats();
            switch (one.record()) {
                case WellFormed wellFormed -> {
                    sns[i] = wellFormed.meteringSn();
                    begins[i] = wellFormed.begin().getEpochSecond();
                    ends[i] = wellFormed.end().getEpochSecond();
                    recordTimes[i] = wellFormed.recordTime().getEpochSecond();
                    amounts[i] = wellFormed.amount().toPlainString();
                    packages[i] = wellFormed.packageInstanceId();
                    Optional<Fault> later =
                            one.accepted() ? faults.laterRejectionOf(wellFormed.meteringSn()) : Optional.empty();
                    laters[i] = later.map(
                                    fault -> receivedAt.plus(fault.later()).getEpochSecond())
                            .orElse(null);
                    codes[i] = later.map(Fault::code).orElse(codes[i]);
                }
                case Malformed malformed -> {
                    sns[i] = malformed.meteringSn();
                    asSent[i] = malformed.asSent();
                }
            }
        }
        database.sql(KEEP_RECORDS)
                .param("call", callId)
                .param("receivedAt", utc(receivedAt))
                .param("positions", positions)
                .param("instances", instances)
                .param("sns", sns)
                .param("begins", begins)
                .param("ends", ends)
                .param("recordTimes", recordTimes)
                .param("amounts", amounts)
                .param("values", values)
                .param("packages", packages)
                .param("asSent", asSent)
                .param("states", states)
                .param("codes", codes)
                .param("repeats", repeats)
                .param("laters", laters)
                .update();
    }

    private static Earlier earlier(ResultSet row, int number) throws SQLException {
        return new Earlier(
                row.getString("metering_sn"),
                row.getString("instance_id"),
                instant(row, "begin_at"),
                instant(row, "end_at"),
                instant(row, "record_time"),
                row.getBigDecimal("amount"),
                row.getString("package_instance_id"),
                row.getBoolean("accepted"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    /** The windows of a call as three arrays for {@code unnest}. */
    private static final class WindowArrays {

        private final List<String> instances;
        private final List<Long> begins;
        private final List<Long> ends;

        WindowArrays(int size) {
            this.instances = new ArrayList<>(size);
            this.begins = new ArrayList<>(size);
            this.ends = new ArrayList<>(size);
        }

        void add(WellFormed record) {
            instances.add(record.instanceId());
            begins.add(record.begin().getEpochSecond());
            ends.add(record.end().getEpochSecond());
        }

        JdbcClient.StatementSpec in(JdbcClient.StatementSpec statement) {
            return statement
                    .param("instances", instances.toArray(String[]::new))
                    .param("begins", begins.toArray(Long[]::new))
                    .param("ends", ends.toArray(Long[]::new));
        }
    }
}
