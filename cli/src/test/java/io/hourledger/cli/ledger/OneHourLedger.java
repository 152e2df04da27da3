package io.hourledger.cli.ledger;

import static org.awaitility.Awaitility.await;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceCommand.OpenInstance;
import io.hourledger.contracts.instance.InstanceCommand.ReportUsageRecord;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.marketplace.MeteringSn;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.instance.InstanceDecider;
import io.hourledger.ledger.instance.SellerPolicy;
import io.hourledger.ledger.projection.LedgerProjections;
import io.hourledger.ledger.seal.FileSeals;
import io.hourledger.ledger.seal.LedgerSealer;
import io.hourledger.ledger.seal.SealSigner;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.EventJson;
import io.hourledger.ledger.store.EventTable;
import io.hourledger.ledger.store.PostgresLedger;
import io.hourledger.ledger.store.PostgresLedgerFeed;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import picocli.CommandLine;

/** A ledger with one metered hour of one instance, and the commands over it. */
final class OneHourLedger {

    static final String DIGEST_KEY = "a key for tests, not for money";
    static final UsageHour HOUR = new UsageHour(Instant.parse("2026-01-01T01:00:00Z"));
    static final Product PRODUCT =
            new Product("P", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);

    final JdbcTemplate jdbc;
    final JdbcTransactionManager transactions;

    private final TestDatabase.Address database = TestDatabase.freshAddress();
    private final EventJson json = new EventJson();
    private final PostgresLedger ledger;

    OneHourLedger() {
        DataSource dataSource = database.dataSource();
        LedgerSchema.migrate(dataSource);
        jdbc = new JdbcTemplate(dataSource);
        transactions = new JdbcTransactionManager(dataSource);
        ledger = new PostgresLedger(
                new EventTable(jdbc, json, new EventDigests(DIGEST_KEY)),
                new InstanceDecider(SellerPolicy.CAUTIOUS),
                transactions);
        give(open("a", "buyer, the first"), meter("a", HOUR, "2.50005"));
    }

    static OpenInstance open(String instance, String buyer) {
        return new OpenInstance(new InstanceId(instance), "CS-1", "CS-1-1", PRODUCT, buyer, false, HOUR.start());
    }

    static MeterHour meter(String instance, UsageHour hour, String amount) {
        return new MeterHour(
                new InstanceId(instance),
                hour,
                0,
                new CountedBy("egress", 1),
                new BigDecimal(amount),
                new EventSpan(3, hour.start(), hour.start()),
                new LogPosition(1, 7, 9),
                hour.end());
    }

    static ReportUsageRecord report(String instance, String meteringSn) {
        return new ReportUsageRecord(new InstanceId(instance), new MeteringSn(meteringSn), HOUR.end());
    }

    /** In the projections when this returns. */
    void give(InstanceCommand... commands) {
        ledger.handleAll(List.of(commands));
        try (PostgresLedgerFeed feed = new PostgresLedgerFeed(jdbc, transactions, json);
                LedgerProjections projections = new LedgerProjections(jdbc, feed)) {
            projections.start();
            await().until(projections::caughtUp);
        }
    }

    /** Adds a seal over all events to a file. */
    void seal(Path file, SealSigner signer) {
        try (PostgresLedgerFeed feed = new PostgresLedgerFeed(jdbc, transactions, json);
                LedgerSealer sealer = new LedgerSealer(
                        jdbc,
                        feed,
                        new EventDigests(DIGEST_KEY),
                        new FileSeals(file),
                        Clock.fixed(HOUR.end(), ZoneOffset.UTC),
                        signer)) {
            sealer.start(Duration.ofHours(1));
            await().until(sealer::caughtUp);
            sealer.seal();
        }
    }

    int run(StringWriter out, StringWriter err, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--database-url", database.jdbcUrl()));
        all.addAll(List.of("--database-user", database.user()));
        all.addAll(List.of("--database-password", database.password()));
        CommandLine line = new CommandLine(new LedgerCommand());
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(all.toArray(String[]::new));
    }
}
