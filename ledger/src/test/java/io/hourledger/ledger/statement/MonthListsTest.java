package io.hourledger.ledger.statement;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ledger.statement.InstanceList.Filter;
import io.hourledger.ledger.statement.InstanceList.Listed;
import io.hourledger.ledger.statement.InstanceList.Page;
import io.hourledger.ledger.statement.InstanceList.Place;
import io.hourledger.ledger.statement.InstanceList.State;
import io.hourledger.ledger.store.TestLedger;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** Lists over 10,000 instances of 100 buyers and 4 products. Their rows are laid by SQL: it is the number that counts here. */
@Tag("servers")
class MonthListsTest {

    private static final int INSTANCES = 10_000;
    private static final int ROWS = 50;
    private static final YearMonth JANUARY = YearMonth.of(2026, 1);
    private static final YearMonth FEBRUARY = YearMonth.of(2026, 2);

    private static TestLedger test;

    /** Every second instance has hours in January, all have three in December. */
    @BeforeAll
    static void lay_rows() {
        test = new TestLedger();
        test.jdbc.execute(
                """
                insert into ledger.instance (instance_id, order_id, order_line_id, product_id, meter, charging_mode,
                    pricing_mode, billing_cycle, buyer_id, test, opened_at, frozen)
                select 'i-' || n, 'o', 'l', 'P-' || n % 4, 'egress', 'ON_DEMAND', 'FIXED', 'HOURLY', 'buyer-' || n / 100,
                    false, '2025-12-01Z', n % 10 = 0
                  from generate_series(0, 9999) n
                """);
        test.jdbc.execute(
                """
                insert into ledger.metered_hour (instance_id, hour, revision, amount, event_count, first_event_at,
                    last_event_at, partition, first_offset, last_offset, meter, catalogue_version, closed_at)
                select 'i-' || n, hour, 0, 2.5, 1, hour, hour, 0, 0, 0, 'egress', 1, hour
                  from generate_series(0, 9999) n,
                       unnest(array['2025-12-05 10:00Z', '2025-12-05 11:00Z', '2025-12-05 12:00Z', '2026-01-01 00:00Z',
                                    '2026-01-31 23:00Z']::timestamptz[]) hour
                 where n % 2 = 0 or hour < '2026-01-01Z'
                """);
        test.jdbc.execute(
                """
                insert into ledger.usage_record (instance_id, metering_sn, hour, revision, begin_at, end_at, amount, carried,
                    issued_at, state, state_since)
                select instance_id, instance_id || hour, hour, 0, hour, hour + interval '1 hour', 2.5, 0, hour, 'reported', hour
                  from ledger.metered_hour
                """);
    }

    @AfterAll
    static void close() {
        test.close();
    }

    @Test
    void following_the_pages_lists_every_instance_of_the_month_once() {
        assertThat(idsOf(new Filter(null, null, null, JANUARY)))
                .hasSize(INSTANCES / 2)
                .doesNotHaveDuplicates();
        assertThat(idsOf(new Filter(null, "P-2", null, JANUARY)))
                .hasSize(INSTANCES / 4)
                .doesNotHaveDuplicates();
        assertThat(idsOf(new Filter("buyer-7", null, null, null))).hasSize(100);
        assertThat(idsOf(new Filter("buyer-7", "P-1", null, null))).hasSize(25);
        assertThat(idsOf(new Filter(null, null, State.FROZEN, null)))
                .hasSize(INSTANCES / 10)
                .doesNotHaveDuplicates();
        assertThat(idsOf(new Filter(null, "P-2", State.FROZEN, null))).hasSize(INSTANCES / 20);
        assertThat(idsOf(new Filter(null, null, null, FEBRUARY))).isEmpty();
    }

    @Test
    void the_sums_of_instances_of_buyers_of_products_and_of_the_account_are_the_same() {
        MonthSums sums = new MonthSums(test.jdbc, test.transactions);
        assertThat(sums.ofAccount(JANUARY)).singleElement().satisfies(all -> {
            assertThat(all.instances()).isEqualTo(INSTANCES / 2);
            assertThat(all.hours()).isEqualTo(INSTANCES);
            assertThat(all.sum().metered()).isEqualByComparingTo("25000");
            assertThat(all.sum().carriedOn()).isZero();
        });
        assertThat(sums.byProduct(JANUARY)).extracting(MonthSums.Group::name).containsExactly("P-0", "P-2");
        List<MonthSums.Group> buyers = new ArrayList<>();
        String last = null;
        do {
            MonthSums.BuyerPage page = sums.ofBuyersAfter(last, 7, JANUARY);
            buyers.addAll(page.groups());
            last = page.lastBuyer();
        } while (last != null);
        assertThat(buyers).hasSize(100).allSatisfy(one -> assertThat(one.sum().metered())
                .isEqualByComparingTo("250"));
    }

    @Test
    void a_page_of_a_month_reads_few_rows_wherever_it_lies() {
        Filter filter = new Filter(null, null, null, JANUARY);
        Page first = list().page(filter, null, ROWS);
        assertThat(rowsRead(() -> list().page(filter, null, ROWS))).isLessThan(4_000);
        assertThat(rowsRead(() -> list().page(filter, new Place("buyer-98", "P-0", "i-9800"), ROWS)))
                .isLessThan(4_000);
        List<String> ids = first.instances().stream()
                .map(listed -> listed.instance().instanceId())
                .toList();
        MonthSums sums = new MonthSums(test.jdbc, test.transactions);
        assertThat(rowsRead(() -> sums.ofInstances(ids, JANUARY))).isLessThan(1_000);
        assertThat(rowsRead(() -> sums.ofBuyersAfter(null, ROWS, JANUARY))).isLessThan(60_000);
    }

    private static InstanceList list() {
        return new InstanceList(test.jdbc, test.transactions);
    }

    private static List<String> idsOf(Filter filter) {
        List<String> ids = new ArrayList<>();
        Place after = null;
        do {
            Page page = list().page(filter, after, ROWS);
            assertThat(page.instances()).hasSizeLessThanOrEqualTo(ROWS);
            for (Listed listed : page.instances()) {
                ids.add(listed.instance().instanceId());
            }
            after = page.next();
        } while (after != null);
        assertThat(new HashSet<>(ids)).hasSameSizeAs(ids);
        return ids;
    }

    /** Rows that PostgreSQL took from tables of the ledger, by itself counted. */
    private static long rowsRead(Supplier<?> question) {
        TransactionTemplate transaction = new TransactionTemplate(test.transactions);
        transaction.setReadOnly(true);
        transaction.setIsolationLevel(TransactionTemplate.ISOLATION_REPEATABLE_READ);
        Long rows = transaction.execute(status -> {
            long before = counted();
            Object answer = question.get();
            assertThat(answer).isNotNull();
            return counted() - before;
        });
        return rows == null ? Long.MAX_VALUE : rows;
    }

    private static long counted() {
        @Nullable Long rows = test.jdbc.queryForObject(
                "select coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)"
                        + " from pg_stat_xact_user_tables where schemaname = 'ledger'",
                Long.class);
        return rows == null ? 0 : rows;
    }
}
