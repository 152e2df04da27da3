package io.hourledger.pusher.order;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.pusher.PusherTables;
import io.hourledger.pusher.order.PackageInstances.Served;
import java.math.BigDecimal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

@Tag("servers")
class PackageInstancesTest {

    private static final Served PACKAGE = new Served("package", "P", new InstanceId("x"));

    private final JdbcClient jdbc = JdbcClient.create(PusherTables.fresh().dataSource());
    private final PackageInstances packages = new PackageInstances(jdbc);
    private int events;

    /** The marketplace must not be told that nothing was used. */
    @Test
    void what_was_drawn_for_an_instance_that_waits_is_told_by_its_events() {
        event("package-added", "100");
        event("package-drawn-down", "90");
        event("package-withdrawn", "10");
        event("package-added", "100");
        event("package-drawn-down", "30");
        event("package-drawn-down", "25.5");
        event("package-draw-down-reversed", "5");
        assertThat(packages.drawn(PACKAGE)).isEmpty();

        jdbc.sql(
                        """
                        insert into ledger.dead_letter (reader, instance_id, sequence_number, event_type, cause)
                        values ('projections', 'x', 0, 'package-added', 'a cause')""")
                .update();

        assertThat(packages.drawn(PACKAGE))
                .hasValueSatisfying(drawn -> assertThat(drawn).isEqualByComparingTo(new BigDecimal("50.5")));
    }

    private void event(String type, String amount) {
        jdbc.sql(
                        """
                        insert into ledger.event (sequence_number, revision, instance_id, event_type, payload)
                        values (:number, 1, 'x', :type, jsonb_build_object('packageInstanceId', 'package', 'amount', :amount))""")
                .param("number", events++)
                .param("type", type)
                .param("amount", amount)
                .update();
    }
}
