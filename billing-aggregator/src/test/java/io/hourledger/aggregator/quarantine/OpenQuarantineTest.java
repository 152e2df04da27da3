package io.hourledger.aggregator.quarantine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.aggregator.TestServers;
import io.hourledger.aggregator.Usage;
import io.hourledger.aggregator.hour.Checkpoint;
import io.hourledger.aggregator.hour.Checkpoint.Advance;
import io.hourledger.aggregator.hour.QuarantineReason;
import io.hourledger.aggregator.hour.QuarantinedRecord;
import io.hourledger.aggregator.hour.StoreUnavailableException;
import io.hourledger.aggregator.hour.Tallies;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.aggregator.postgres.PostgresCheckpointStore;
import io.hourledger.aggregator.postgres.PostgresLogIdentity;
import io.hourledger.aggregator.postgres.PostgresLogIdentity.LogIdentity;
import io.hourledger.aggregator.postgres.PostgresQuarantine;
import io.hourledger.aggregator.quarantine.QuarantineEntry.Decision;
import io.hourledger.aggregator.quarantine.QuarantineEntry.Kind;
import io.hourledger.aggregator.quarantine.QuarantineStore.Open;
import io.hourledger.aggregator.quarantine.ResendQuarantined.Outcome;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.usage.UsageEventReader;
import io.hourledger.embedded.EndedSessions;
import io.hourledger.embedded.TableCounts;
import io.hourledger.embedded.TestClock;
import io.hourledger.embedded.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

@Tag("servers")
class OpenQuarantineTest {

    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
    private static final DecidedBy LI_WEI = new DecidedBy("li.wei", "an old client");

    private final TestDatabase.Address address = TestServers.freshDatabase();
    private final HikariDataSource database = new HikariDataSource();
    private final TestClock clock = new TestClock(TEN.plusSeconds(100));
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private PostgresQuarantine quarantine;
    private AlarmWhenQuarantineIsOpen alarm;

    @BeforeEach
    void three_records_of_two_reasons() {
        database.setDataSource(address.dataSource());
        new PostgresLogIdentity(database).claim(new LogIdentity("topic", "id", 1, "key"));
        new PostgresCatalogue(database).claim(Usage.CATALOGUE);
        quarantine = new PostgresQuarantine(database);
        alarm = new AlarmWhenQuarantineIsOpen(quarantine, clock, metrics);
        keep(
                new Advance(1, 0, 10),
                List.of(
                        record(3, QuarantineReason.CONFLICT, TEN.plusSeconds(50)),
                        record(4, QuarantineReason.MALFORMED, TEN),
                        record(5, QuarantineReason.MALFORMED, TEN.plusSeconds(60))));
    }

    @AfterEach
    void close() {
        database.close();
    }

    private void keep(Advance advance, List<QuarantinedRecord> records) {
        new PostgresCheckpointStore(database, machineTime -> machineTime, Usage.VERSIONS)
                .keep(new Checkpoint(0, advance, new Tallies(0, 0, 0, 0), List.of(), List.of(), records, List.of()));
    }

    private static QuarantinedRecord record(long offset, QuarantineReason reason, Instant at) {
        return new QuarantinedRecord(offset, at, reason, "why", null, null);
    }

    private double gauge(String name, QuarantineReason reason) {
        return metrics.get("usage.aggregator.quarantine." + name)
                .tag("reason", reason.code())
                .gauge()
                .value();
    }

    private void writeOff(long offset) {
        assertThat(quarantine.decide(new LogPlace(0, offset), new Decision(Kind.WRITTEN_OFF, TEN, LI_WEI, null)))
                .isTrue();
    }

    @Test
    void records_that_nobody_has_decided_about_are_shown_by_reason_and_age() {
        alarm.look(List.of(0));
        assertThat(gauge("open", QuarantineReason.MALFORMED)).isEqualTo(2);
        assertThat(gauge("open.oldest.age", QuarantineReason.MALFORMED)).isEqualTo(100);
        assertThat(gauge("open", QuarantineReason.CONFLICT)).isEqualTo(1);
        assertThat(gauge("open.oldest.age", QuarantineReason.CONFLICT)).isEqualTo(50);
        assertThat(gauge("open", QuarantineReason.LATE)).isZero();
        assertThat(gauge("open.oldest.age", QuarantineReason.LATE)).isZero();

        writeOff(4);
        assertThat(quarantine.decide(new LogPlace(0, 4), new Decision(Kind.RESENT, TEN, LI_WEI, null)))
                .as("it was decided before")
                .isFalse();
        alarm.look(List.of(0));

        assertThat(gauge("open", QuarantineReason.MALFORMED)).isEqualTo(1);
        assertThat(gauge("open.oldest.age", QuarantineReason.MALFORMED)).isEqualTo(40);
    }

    @Test
    void a_quarantine_built_anew_has_no_record_open_that_was_decided() {
        writeOff(3);
        new JdbcTemplate(database).update("delete from aggregator.quarantine");
        keep(
                new Advance(2, 10, 20),
                List.of(record(3, QuarantineReason.CONFLICT, TEN), record(11, QuarantineReason.CONFLICT, TEN)));

        assertThat(quarantine.open(0)).containsOnlyKeys(QuarantineReason.CONFLICT);
        assertThat(quarantine.open(0).get(QuarantineReason.CONFLICT).records()).isEqualTo(1);
    }

    @Test
    void a_resend_leaves_its_record_open_until_the_broker_has_answered() {
        LogPlace place = new LogPlace(0, 3);
        assertThat(quarantine.decide(place, new Decision(Kind.RESENT, TEN, LI_WEI, null)))
                .isTrue();
        assertThat(openConflicts()).isEqualTo(1);
        assertThat(quarantine.of(place))
                .hasValueSatisfying(entry -> assertThat(entry.isOpen()).isTrue());

        builtAnew(new Advance(2, 10, 20));
        assertThat(openConflicts()).isEqualTo(1);

        quarantine.sent(place, new LogPlace(0, 30));
        assertThat(openConflicts()).isZero();

        builtAnew(new Advance(3, 20, 30));
        assertThat(openConflicts()).isZero();
    }

    @Test
    void a_resend_that_was_only_begun_can_be_written_off() {
        LogPlace place = new LogPlace(0, 3);
        quarantine.decide(place, new Decision(Kind.RESENT, TEN, LI_WEI, null));

        writeOff(3);

        assertThat(openConflicts()).isZero();
        assertThat(quarantine.of(place))
                .hasValueSatisfying(entry -> assertThat(entry.isOpen()).isFalse());
        assertThat(quarantine.decide(place, new Decision(Kind.RESENT, TEN, LI_WEI, null)))
                .isFalse();
    }

    @Test
    void before_the_first_look_there_is_no_number() {
        assertThat(gauge("open", QuarantineReason.MALFORMED)).isNaN();
        assertThat(gauge("open.oldest.age", QuarantineReason.MALFORMED)).isNaN();
    }

    @Test
    void a_look_that_fails_grows_old() {
        alarm.look(List.of(0));
        double ageBefore = lookAge();
        long before = System.nanoTime();
        database.close();

        assertThatThrownBy(() -> alarm.look(List.of(0))).isInstanceOf(StoreUnavailableException.class);

        double between = (System.nanoTime() - before) / 1e9;
        assertThat(lookAge()).isGreaterThanOrEqualTo(ageBefore + between);
        assertThat(gauge("open", QuarantineReason.MALFORMED)).isEqualTo(2);
    }

    private double lookAge() {
        return metrics.get("usage.aggregator.quarantine.look.age").gauge().value();
    }

    @Test
    void a_reason_that_only_a_newer_version_has_is_shown_and_not_resent() {
        new JdbcTemplate(database).update("update aggregator.quarantine set reason = 'brand-new' where log_offset = 3");

        QuarantineEntry entry = quarantine.of(new LogPlace(0, 3)).orElseThrow();

        assertThat(entry.reason()).isEqualTo("brand-new");
        ResendQuarantined resending = new ResendQuarantined(
                quarantine,
                new UsageEventReader(Usage.CATALOGUE),
                resent -> new LogPlace(0, 30),
                new ResendQuarantined.Log(1, partition -> Optional.empty(), Duration.ofHours(1)));
        assertThat(resending.plan(entry, null, TEN))
                .isInstanceOfSatisfying(Outcome.Refused.class, refused -> assertThat(refused.sentence())
                        .contains("brand-new", "newer version"));
    }

    private long openConflicts() {
        return quarantine
                .open(0)
                .getOrDefault(QuarantineReason.CONFLICT, new Open(0, TEN))
                .records();
    }

    private void builtAnew(Advance advance) {
        new JdbcTemplate(database).update("delete from aggregator.quarantine");
        keep(advance, List.of(record(3, QuarantineReason.CONFLICT, TEN)));
    }

    @Test
    void a_look_costs_nothing_more_for_records_that_were_decided() {
        List<QuarantinedRecord> many = new ArrayList<>();
        for (int offset = 20; offset < 520; offset++) {
            many.add(record(offset, QuarantineReason.CONFLICT, TEN));
        }
        keep(new Advance(2, 10, 520), many);
        for (int offset = 20; offset < 520; offset++) {
            writeOff(offset);
        }
        new JdbcTemplate(database).execute("vacuum aggregator.quarantine");
        database.close();
        EndedSessions.await(address.dataSource());
        TableCounts before = TableCounts.of(address.dataSource(), "aggregator.quarantine");

        assertThat(new PostgresQuarantine(address.dataSource())
                        .open(0)
                        .get(QuarantineReason.CONFLICT)
                        .records())
                .isEqualTo(1);

        EndedSessions.await(address.dataSource());
        assertThat(TableCounts.of(address.dataSource(), "aggregator.quarantine")
                        .since(before)
                        .rowsRead())
                .isLessThanOrEqualTo(20);
    }
}
