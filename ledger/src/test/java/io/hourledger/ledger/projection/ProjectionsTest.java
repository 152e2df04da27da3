package io.hourledger.ledger.projection;

import static io.hourledger.ledger.instance.Given.OPENED;
import static io.hourledger.ledger.instance.Given.addPackage;
import static io.hourledger.ledger.instance.Given.at;
import static io.hourledger.ledger.instance.Given.billWithheld;
import static io.hourledger.ledger.instance.Given.dispute;
import static io.hourledger.ledger.instance.Given.doubt;
import static io.hourledger.ledger.instance.Given.freeze;
import static io.hourledger.ledger.instance.Given.meter;
import static io.hourledger.ledger.instance.Given.notice;
import static io.hourledger.ledger.instance.Given.open;
import static io.hourledger.ledger.instance.Given.part;
import static io.hourledger.ledger.instance.Given.recount;
import static io.hourledger.ledger.instance.Given.refuse;
import static io.hourledger.ledger.instance.Given.reissue;
import static io.hourledger.ledger.instance.Given.release;
import static io.hourledger.ledger.instance.Given.report;
import static io.hourledger.ledger.instance.Given.settle;
import static io.hourledger.ledger.instance.Given.sn;
import static io.hourledger.ledger.instance.Given.unfreeze;
import static io.hourledger.ledger.instance.Given.withdrawPackage;
import static io.hourledger.ledger.instance.Given.writeOff;
import static io.hourledger.ledger.instance.Given.writeOffWithheld;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.store.TestLedger;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("servers")
class ProjectionsTest {

    private static final Product VOLUME =
            new Product("P-V", "egress", ChargingMode.ON_DEMAND, PricingMode.VOLUME, BillingCycle.HOURLY);

    private final TestLedger test = new TestLedger();

    @AfterEach
    void close() {
        test.close();
    }

    /** Commands of every kind, some of which are refused; always the same. */
    static List<InstanceCommand> aBusyLife(int instances, int hours) {
        Random random = new Random(11);
        List<InstanceCommand> commands = new ArrayList<>();
        for (int i = 0; i < instances; i++) {
            String id = "i" + i;
            commands.add(open(id));
            if (i % 4 == 0) {
                commands.add(addPackage(id, "package-" + id, "250000"));
            }
        }
        for (int hour = 0; hour < hours; hour++) {
            for (int i = 0; i < instances; i++) {
                String id = "i" + i;
                int earlier = random.nextInt(hour + 1);
                if (random.nextInt(6) == 0) {
                    commands.add(random.nextBoolean() ? freeze(id, at(hour, 600)) : unfreeze(id, at(hour, 600)));
                }
                commands.add(meter(id, hour, random.nextInt(100_000) + ".123456"));
                commands.add(recount(
                        id, hour, part(at(hour, 0), at(hour, 600), "1"), part(at(hour, 600), at(hour, 3600), "2")));
                commands.add(report(id, sn(id, hour)));
                commands.add(meter(id, earlier, 1 + random.nextInt(2), random.nextInt(10) + ".55555"));
                commands.add(
                        switch (random.nextInt(8)) {
                            case 0 -> doubt(id, sn(id, earlier));
                            case 1 -> dispute(id, sn(id, earlier));
                            case 2 -> reissue(id, sn(id, earlier));
                            case 3 -> writeOff(id, sn(id, earlier));
                            case 4 -> settle(id, sn(id, earlier), random.nextBoolean());
                            case 5 -> billWithheld(id, earlier, 0);
                            case 6 -> writeOffWithheld(id, earlier, 0);
                            default -> refuse(id, sn(id, earlier));
                        });
            }
        }
        commands.add(release("i1", at(hours, 0)));
        return commands;
    }

    static void handle(TestLedger test, List<InstanceCommand> commands) {
        for (int from = 0; from < commands.size(); from += 100) {
            test.ledger.handleAll(commands.subList(from, Math.min(from + 100, commands.size())));
        }
    }

    @Test
    void the_projections_come_to_the_totals_that_the_instances_keep() {
        test.projections.start();
        handle(test, aBusyLife(8, 30));
        await().until(test.projections::caughtUp);

        List<Map<String, Object>> differing = test.jdbc.queryForList(
                """
                select instance_id, kept, projected
                from (
                    select instance_id,
                        jsonb_build_object(
                            'metered', (state -> 'totals' ->> 'metered')::numeric,
                            'credits', (state -> 'totals' ->> 'credits')::numeric,
                            'reported', coalesce((state -> 'totals' ->> 'reported')::numeric, 0),
                            'in-flight', coalesce((state -> 'totals' ->> 'in-flight')::numeric, 0),
                            'unknown', coalesce((state -> 'totals' ->> 'unknown')::numeric, 0),
                            'refused', coalesce((state -> 'totals' ->> 'refused')::numeric, 0),
                            'disputed', coalesce((state -> 'totals' ->> 'disputed')::numeric, 0),
                            'withheld', coalesce((state -> 'totals' ->> 'withheld')::numeric, 0),
                            'written-off', coalesce((state -> 'totals' ->> 'written-off')::numeric, 0)) as kept,
                        (select jsonb_build_object(
                            'metered', coalesce(sum(amount) filter (where amount > 0), 0),
                            'credits', coalesce(sum(amount) filter (where amount < 0), 0),
                            'withheld', coalesce(sum(withheld), 0),
                            'reported', r.reported, 'in-flight', r.in_flight, 'unknown', r.unknown,
                            'refused', r.refused, 'disputed', r.disputed,
                            'written-off', r.written_off + coalesce(sum(withheld_written_off), 0)
                                + i.remainder_written_off)
                         from ledger.metered_hour h where h.instance_id = s.instance_id) as projected
                    from ledger.instance_snapshot s
                    join ledger.instance i using (instance_id)
                    cross join lateral (
                        select coalesce(sum(amount) filter (where r.state = 'reported'), 0) as reported,
                            coalesce(sum(amount) filter (where r.state = 'in-flight'), 0) as in_flight,
                            coalesce(sum(amount) filter (where r.state = 'unknown'), 0) as unknown,
                            coalesce(sum(amount) filter (where r.state = 'refused'), 0) as refused,
                            coalesce(sum(amount) filter (where r.state = 'disputed'), 0) as disputed,
                            coalesce(sum(amount) filter (where r.state = 'written-off'), 0) as written_off
                        from ledger.usage_record r where r.instance_id = s.instance_id) r
                ) both_sides
                where kept <> projected
                """);
        assertThat(differing).isEmpty();
        assertThat(test.jdbc.queryForList("select distinct state from ledger.usage_record", String.class))
                .hasSizeGreaterThan(4);
        assertThat(test.jdbc.queryForObject(
                        "select count(*) from ledger.package where remaining < contained", Long.class))
                .isPositive();
    }

    @Test
    void usage_that_waits_for_a_person_is_a_figure_with_its_reason_and_age() {
        test.projections.start();
        handle(test, aBusyLife(8, 30));
        await().until(test.projections::caughtUp);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Clock businessTime = Clock.fixed(at(30, 0), ZoneOffset.UTC);
        try (WithheldUsage withheld =
                new WithheldUsage(Objects.requireNonNull(test.jdbc.getDataSource()), businessTime, registry)) {
            assertThat(registry.get(WithheldUsage.HOURS)
                            .tag("reason", "no-window-left")
                            .gauge()
                            .value())
                    .as("nobody has looked yet")
                    .isNaN();

            withheld.look();

            assertThat(withheld.open()).isNotEmpty().allSatisfy(one -> {
                assertThat(registry.get(WithheldUsage.HOURS)
                                .tag("reason", one.reason())
                                .gauge()
                                .value())
                        .isEqualTo(one.hours());
                assertThat(registry.get(WithheldUsage.OLDEST_AGE)
                                .tag("reason", one.reason())
                                .gauge()
                                .value())
                        .isEqualTo(Duration.between(one.oldest(), businessTime.instant())
                                .toSeconds());
                assertThat(registry.get(WithheldUsage.AMOUNT)
                                .tag("reason", one.reason())
                                .tag("account", one.account())
                                .gauge()
                                .value())
                        .isEqualTo(one.amount().doubleValue());
            });
            assertThat(withheld.open().stream()
                            .mapToLong(WithheldUsage.Open::hours)
                            .sum())
                    .isEqualTo(test.jdbc.queryForObject(
                            "select count(*) from ledger.metered_hour where withheld <> 0", Long.class));
        }
    }

    @Test
    void what_lies_outside_the_life_is_told_apart_from_what_a_person_can_bill() {
        test.projections.start();
        handle(
                test,
                List.of(
                        open("i", VOLUME, false, OPENED),
                        freeze("i", at(1, 600)),
                        meter("i", 1, "10"),
                        recount("i", 1, part(at(1, 0), at(1, 600), "4"), part(at(1, 600), at(2, 0), "6")),
                        meter("i", 1, 1, "0"),
                        recount("i", 1, 1, part(at(1, 0), at(1, 600), "5"), part(at(1, 600), at(2, 0), "-5"))));
        await().until(test.projections::caughtUp);
        assertThat(waiting()).containsExactlyInAnyOrder("volume-pricing 5", "outside-life 1");

        handle(test, List.of(billWithheld("i", 1, 1)));
        await().until(test.projections::caughtUp);
        assertThat(waiting()).containsExactly("outside-life 1");

        handle(test, List.of(writeOffWithheld("i", 1, 1)));
        await().until(test.projections::caughtUp);
        assertThat(waiting()).containsExactly("outside-life 6");
    }

    private List<String> waiting() {
        try (WithheldUsage withheld = new WithheldUsage(
                Objects.requireNonNull(test.jdbc.getDataSource()), Clock.systemUTC(), new SimpleMeterRegistry())) {
            withheld.look();
            return withheld.open().stream()
                    .map(one -> one.reason() + " "
                            + one.amount().stripTrailingZeros().toPlainString())
                    .toList();
        }
    }

    @Test
    void a_package_that_was_taken_back_and_added_again_begins_anew() {
        test.projections.start();
        test.ledger.handleAll(List.of(open("i"), addPackage("i", "p1", "100"), meter("i", 1, "40")));
        await().until(test.projections::caughtUp);

        test.ledger.handleAll(List.of(
                refuse("i", sn("i", 1)),
                writeOff("i", sn("i", 1)),
                withdrawPackage("i", "p1", at(70, 0)),
                addPackage("i", "p1", "100", at(71, 0))));
        await().until(test.projections::caughtUp);

        assertThat(packages()).containsExactly("p1 100 null null");
    }

    @Test
    void a_package_that_holds_something_again_is_not_used_up() {
        test.projections.start();
        test.ledger.handleAll(List.of(open("i"), addPackage("i", "p1", "40"), notice("i", "p1"), meter("i", 1, "40")));
        await().until(test.projections::caughtUp);
        assertThat(packages()).doesNotContain("p1 0 null null");

        test.ledger.handleAll(List.of(refuse("i", sn("i", 1)), writeOff("i", sn("i", 1))));
        await().until(test.projections::caughtUp);

        assertThat(packages()).containsExactly("p1 40 null null");
    }

    private List<String> packages() {
        return test.jdbc.queryForList(
                """
                select concat_ws(' ', package_instance_id, remaining, coalesce(noticed_at::text, 'null'),
                    coalesce(used_up_at::text, 'null'))
                  from ledger.package
                """,
                String.class);
    }
}
