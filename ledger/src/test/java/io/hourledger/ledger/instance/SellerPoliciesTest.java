package io.hourledger.ledger.instance;

import static io.hourledger.ledger.instance.Given.hour;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.UsageRecordIssued;
import io.hourledger.contracts.instance.InstanceEvent.UsageWithheld;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.OrderLine;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.config.LedgerSettings;
import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** What one seller account has settled says nothing of the instances of another. */
@Tag("fast")
class SellerPoliciesTest {

    private static final Product PRODUCT =
            new Product("P-1", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);

    private final InstanceDecider decider = new InstanceDecider(
            account -> "intl".equals(account) ? SellerPolicy.CAUTIOUS.with(LateWindow.SHORTER) : SellerPolicy.CAUTIOUS);

    private List<InstanceEvent> lateUsageOf(String account) {
        InstanceId id = new InstanceId("i");
        List<InstanceCommand> commands = List.of(
                new OpenInstance(
                        id, new OrderLine("CS-1", "CS-1-1", account), PRODUCT, "buyer", false, hour(1).start(), null),
                Given.meter("i", 1, "1"),
                Given.meter("i", 1, 1, "2"));
        InstanceState state = null;
        List<InstanceEvent> events = new ArrayList<>();
        for (InstanceCommand command : commands) {
            events.clear();
            events.addAll(((Decision.Done) decider.decide(state, command)).events());
            for (InstanceEvent event : events) {
                state = InstanceState.after(state, event);
            }
        }
        return events;
    }

    @Test
    void late_usage_goes_where_the_instances_own_account_says() {
        assertThat(lateUsageOf("intl")).hasAtLeastOneElementOfType(UsageRecordIssued.class);
        assertThat(lateUsageOf("default")).hasAtLeastOneElementOfType(UsageWithheld.class);
    }

    /** Else usage of two sellers could be in one instance. */
    @Test
    void an_instance_of_one_account_is_not_opened_for_another() {
        InstanceId id = new InstanceId("i");
        InstanceState state = InstanceState.after(
                null,
                ((Decision.Done) decider.decide(null, open(id, "default")))
                        .events()
                        .getFirst());
        assertThat(decider.decide(state, open(id, "default"))).isInstanceOf(Decision.AlreadyDone.class);
        assertThat(decider.decide(state, open(id, "intl"))).isInstanceOf(Decision.Refused.class);
    }

    private static OpenInstance open(InstanceId id, String account) {
        return new OpenInstance(
                id, new OrderLine("CS-1", "CS-1-1", account), PRODUCT, "buyer", false, hour(1).start(), null);
    }

    @Test
    void an_account_that_the_database_does_not_know_is_named_and_stops_the_start() {
        LedgerSettings settings = new Binder(new MapConfigurationPropertySource(Map.of(
                        "hourledger.ledger.accounts[0].name", "int1",
                        "hourledger.ledger.accounts[0].volume-extra", "hold")))
                .bind("hourledger.ledger", LedgerSettings.class)
                .get();
        assertThatThrownBy(() -> settings.requireAccountsOf(Set.of("default", "intl")))
                .hasMessageContaining("'int1', which this database does not know; it knows 'default', 'intl'");
        assertThatCode(() -> settings.requireAccountsOf(Set.of("default", "int1")))
                .doesNotThrowAnyException();
        assertThatCode(() -> settings.requireAccountsOf(Set.of()))
                .as("before the first start")
                .doesNotThrowAnyException();
    }

    @Test
    void an_account_has_what_it_does_not_set_as_all_others_have_it() {
        LedgerSettings settings = new Binder(new MapConfigurationPropertySource(Map.of(
                        "hourledger.ledger.volume-extra", "bill",
                        "hourledger.ledger.accounts[0].name", "intl",
                        "hourledger.ledger.accounts[0].late-window", "reserved-tail")))
                .bind("hourledger.ledger", LedgerSettings.class)
                .get();
        assertThat(settings.policyOf("intl").lateWindow()).isEqualTo(LateWindow.RESERVED_TAIL);
        assertThat(settings.policyOf("intl").volumeExtra()).isEqualTo(SellerPolicy.VolumeExtra.BILL);
        assertThat(settings.policyOf("default").lateWindow()).isEqualTo(LateWindow.HOLD);
    }
}
