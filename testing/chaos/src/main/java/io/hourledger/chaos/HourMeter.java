package io.hourledger.chaos;

import io.hourledger.contracts.instance.CountedBy;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.instance.InstanceCommand.MeterHour;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.instance.LogPosition;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.api.LedgerUnavailableException;
import io.hourledger.ledger.config.LedgerConfiguration;
import io.hourledger.ledger.instance.Decision;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** Meters hours of instances by the ledger itself, as an aggregator would that is never late and never wrong. */
final class HourMeter implements AutoCloseable {

    private static final int MOST_TRIES = 20;
    private static final Duration BEFORE_NEXT_TRY = Duration.ofMillis(500);

    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private final Random random;
    private final HourAmounts truth = new HourAmounts();

    /**
     * @param digestKey as the services have it
     * @param seed gives the amounts
     */
    HourMeter(DataSource database, String digestKey, long seed) {
        random = new Random(seed);
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("chaos", Map.of("hourledger.ledger.digest-key", digestKey)));
        context.registerBean(DataSource.class, () -> database);
        context.registerBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(database));
        context.register(LedgerConfiguration.class);
        context.refresh();
    }

    /** Meters an hour that is over, of each instance. */
    void meter(List<LoadInstance> instances, UsageHour hour, Instant now) {
        List<MeterHour> commands = new ArrayList<>();
        for (LoadInstance instance : instances) {
            BigDecimal amount = BigDecimal.valueOf(1 + random.nextInt(50_000_000), 4);
            commands.add(new MeterHour(
                    new InstanceId(instance.instanceId()),
                    hour,
                    0,
                    new CountedBy(instance.meter().name().toLowerCase(Locale.ROOT), 1),
                    amount,
                    new EventSpan(1, hour.start(), hour.start()),
                    new LogPosition(0, 0, 0),
                    now));
            truth.add(instance.instanceId(), hour, amount, 1);
        }
        for (Decision decision : decided(commands)) {
            if (!(decision instanceof Decision.Done)) {
                throw new IllegalStateException("an hour was not metered: " + decision);
            }
        }
    }

    /** Tries again while the database does not take them, as an aggregator does: then nothing has happened. */
    private List<Decision> decided(List<MeterHour> commands) {
        for (int failed = 1; ; failed++) {
            try {
                return context.getBean(Ledger.class).handleAll(commands);
            } catch (LedgerUnavailableException notNow) {
                if (failed == MOST_TRIES) {
                    throw notNow;
                }
                LockSupport.parkNanos(BEFORE_NEXT_TRY.toNanos());
            }
        }
    }

    /** All that was metered. */
    HourAmounts truth() {
        return truth;
    }

    @Override
    public void close() {
        context.close();
    }
}
