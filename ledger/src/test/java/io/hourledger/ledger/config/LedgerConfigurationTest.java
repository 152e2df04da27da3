package io.hourledger.ledger.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.ledger.instance.Given;
import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.statement.UsageRecordReport;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.annotation.UserConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

@Tag("servers")
class LedgerConfigurationTest {

    @Configuration(proxyBeanMethods = false)
    @Import(LedgerConfiguration.class)
    static class AService {
        @Bean
        DataSource dataSource() {
            DataSource dataSource = TestDatabase.freshDatabase();
            LedgerSchema.migrate(dataSource);
            return dataSource;
        }

        @Bean
        PlatformTransactionManager transactionManager(DataSource dataSource) {
            return new JdbcTransactionManager(dataSource);
        }
    }

    @Test
    void a_service_that_imports_the_ledger_can_meter_and_report() {
        new ApplicationContextRunner()
                .withConfiguration(UserConfigurations.of(AService.class))
                .withPropertyValues("hourledger.ledger.late-window=shorter")
                .run(context -> {
                    Ledger ledger = context.getBean(Ledger.class);
                    context.getBean(LedgerProjections.class).start();
                    ledger.handle(Given.open("a"));
                    ledger.handleAll(List.of(Given.meter("a", 1, "2"), Given.meter("a", 1, 1, "1")));
                    assertThat(context.getBean(LedgerQueries.class).known(List.of(new InstanceId("a"))))
                            .hasSize(1);
                    await().untilAsserted(() -> {
                        List<UsageRecordReport.Row> rows = new ArrayList<>();
                        context.getBean(UsageRecordReport.class).forEach(rows::add);
                        assertThat(rows)
                                .extracting(row -> row.instance().buyerId())
                                .containsExactly("buyer-a", "buyer-a");
                        assertThat(rows.get(0).record().window().end())
                                .isEqualTo(Given.hour(1).end().minusSeconds(1));
                    });
                });
    }

    @Test
    void the_update_check_of_axons_vendor_is_off() {
        new ApplicationContextRunner()
                .withConfiguration(UserConfigurations.of(AService.class))
                .run(context -> assertThat(System.getProperty("axoniq.update-checker.disabled"))
                        .isEqualTo("true"));
    }
}
