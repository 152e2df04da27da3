package io.hourledger.ledger.statement;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.ledger.statement.NotBilled.Filter;
import io.hourledger.ledger.statement.NotBilled.Item;
import io.hourledger.ledger.statement.NotBilled.Page;
import io.hourledger.ledger.statement.NotBilled.Place;
import io.hourledger.ledger.store.TestLedger;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two seller accounts, 100 buyers, and 2,000 hours of which some are withheld and some records are open. Rows are laid by SQL. */
@Tag("servers")
class NotBilledTest {

    private static final YearMonth JANUARY = YearMonth.of(2026, 1);

    private static TestLedger test;
    private static NotBilled notBilled;

    @BeforeAll
    static void lay_rows() {
        test = new TestLedger();
        notBilled = new NotBilled(test.jdbc, test.transactions);
        test.jdbc.execute(
                """
                insert into ledger.instance (instance_id, account, order_id, order_line_id, product_id, meter, charging_mode,
                    pricing_mode, billing_cycle, buyer_id, test, opened_at)
                select 'i-' || n, case when n % 2 = 0 then 'east' else 'west' end, 'o', 'l', 'P', 'egress', 'ON_DEMAND',
                    'FIXED', 'HOURLY', 'buyer-' || n, false, '2025-12-01Z'
                  from generate_series(0, 99) n
                """);
        test.jdbc.execute(
                """
                insert into ledger.metered_hour (instance_id, hour, revision, amount, event_count, first_event_at, last_event_at,
                    partition, first_offset, last_offset, meter, catalogue_version, closed_at, withheld, withheld_non_billable,
                    withheld_reason)
                select 'i-' || n, hour, 0, 2.5, 1, hour, hour, 0, 0, 0, 'egress', 1, hour,
                    case when n < 30 then 2.5 else 0 end,
                    case when n < 5 then 1 when n < 10 then 2.5 else 0 end,
                    case when n < 10 then 'mixed-hour' when n < 20 then 'frozen' when n < 30 then 'test-instance' end
                  from generate_series(0, 99) n,
                       generate_series('2025-12-31 20:00Z'::timestamptz, '2026-01-01 15:00Z', interval '1 hour') hour
                """);
        test.jdbc.execute(
                """
                insert into ledger.usage_record (instance_id, metering_sn, hour, revision, begin_at, end_at, amount, carried,
                    issued_at, state, state_since, code)
                select instance_id, instance_id || ' ' || hour, hour, 0, hour, hour + interval '1 hour', 2.5, 0, hour,
                    case instance_id when 'i-40' then 'unknown' when 'i-41' then 'refused' when 'i-42' then 'disputed'
                        when 'i-43' then 'in-flight' when 'i-44' then 'written-off' else 'reported' end, hour, 'MKT.9001'
                  from ledger.metered_hour where withheld = 0
                """);
    }

    @AfterAll
    static void close() {
        test.close();
    }

    @Test
    void following_the_pages_lists_all_that_is_not_billed_once_and_nothing_else() {
        List<Item> all = all(new Filter(JANUARY, null, null, null), 7);
        assertThat(all).doesNotHaveDuplicates();
        assertThat(of(all, "mixed-hour")).hasSize(5 * 16).allMatch(item -> is(item, "1.5"));
        assertThat(of(all, NotBilled.NOT_BILLABLE)).hasSize(10 * 16);
        assertThat(of(all, "frozen")).hasSize(10 * 16).allMatch(item -> is(item, "2.5"));
        assertThat(of(all, "test-instance")).hasSize(10 * 16);
        for (String state : List.of("unknown", "refused", "disputed", "in-flight")) {
            assertThat(of(all, state)).as(state).hasSize(16).allMatch(item -> item.record() != null);
        }
        assertThat(all).hasSize((5 + 10 + 10 + 10 + 4) * 16);
        BigDecimal withheld = test.jdbc.queryForObject(
                "select sum(withheld) from ledger.metered_hour where hour >= '2026-01-01Z'", BigDecimal.class);
        assertThat(all.stream()
                        .filter(item -> item.record() == null)
                        .map(Item::amount)
                        .reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(withheld);
    }

    @Test
    void a_list_is_of_one_reason_one_buyer_or_one_seller_account() {
        assertThat(all(new Filter(JANUARY, "frozen", null, null), 50)).hasSize(160);
        assertThat(all(new Filter(JANUARY, null, "buyer-12", null), 50))
                .hasSize(16)
                .allMatch(item -> item.instance().instanceId().equals("i-12"));
        assertThat(all(new Filter(JANUARY, "frozen", null, "west"), 50))
                .hasSize(80)
                .allMatch(item -> "west".equals(item.sellerAccount()));
        assertThat(all(new Filter(JANUARY, "refused", null, "east"), 50)).isEmpty();
    }

    @Test
    void the_sums_of_reasons_are_those_of_the_list() {
        for (Filter filter : List.of(
                new Filter(JANUARY, null, null, null),
                new Filter(JANUARY, null, null, "east"),
                new Filter(JANUARY, "frozen", "buyer-12", null))) {
            List<Item> items = all(filter, 50);
            for (NotBilled.Sum sum : notBilled.withheld(filter)) {
                List<Item> ofReason = of(items, sum.reason());
                assertThat(sum.hours()).isEqualTo(ofReason.size());
                assertThat(ofReason.stream().map(Item::amount).reduce(BigDecimal.ZERO, BigDecimal::add))
                        .isEqualByComparingTo(sum.amount());
            }
        }
    }

    @Test
    void a_place_that_was_written_by_hand_is_the_first_page() {
        assertThat(Place.of(new String[] {"frozen", "yesterday", "i-1", "0"})).isNull();
        assertThat(Place.of(new String[] {"frozen", "2026-01-01T00:00:00Z", "i-1", "x"}))
                .isNull();
        assertThat(Place.of(new String[] {"moon", "2026-01-01T00:00:00Z", "i-1", "0"}))
                .isNull();
        assertThat(Place.of(new String[] {"frozen"})).isNull();
    }

    private static List<Item> all(Filter filter, int most) {
        List<Item> items = new ArrayList<>();
        @Nullable Place after = null;
        do {
            Page page = notBilled.page(filter, after, most);
            assertThat(page.items()).hasSizeLessThanOrEqualTo(most);
            items.addAll(page.items());
            after = page.next() == null ? null : Place.of(page.next().parts().toArray(String[]::new));
        } while (after != null);
        return items;
    }

    private static List<Item> of(List<Item> items, String reason) {
        return items.stream().filter(item -> item.reason().equals(reason)).toList();
    }

    private static boolean is(Item item, String amount) {
        return item.amount().compareTo(new BigDecimal(amount)) == 0;
    }
}
