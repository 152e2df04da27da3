package io.hourledger.cli.ledger;

import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.config.LedgerConfiguration;
import io.hourledger.ledger.instance.Decision;
import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.FrozenClient;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** The ledger under the same settings as in the services, for one decision. */
public final class DecidingLedger implements AutoCloseable {

    private static final String END_OF_STREAM =
            """
            select sequence_number, event_type, revision, payload::text, encode(digest, 'hex')
            from ledger.event
            where instance_id = ?
            order by sequence_number desc
            limit 2
            """;

    /** The instance of the latest event that has a digest; the feed's index finds it from the end. */
    private static final String LATEST_WITH_DIGEST =
            """
            select instance_id
            from ledger.event
            where digest is not null
            order by transaction_id desc, position desc
            limit 1
            """;

    private final LedgerDatabase.Open open;
    private final JdbcTransactionManager transactions;
    private final @Nullable String digestKey;
    private final AnnotationConfigApplicationContext context;

    private DecidingLedger(
            LedgerDatabase.Open open,
            JdbcTransactionManager transactions,
            @Nullable String digestKey,
            AnnotationConfigApplicationContext context) {
        this.open = open;
        this.transactions = transactions;
        this.digestKey = digestKey;
        this.context = context;
    }

    public static DecidingLedger open(LedgerDatabase.Open open, CliServiceSettings settings) {
        ConfigurableEnvironment environment = settings.of(open.stack(), Map.of());
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.setEnvironment(environment);
        context.registerBean(DataSource.class, open::dataSource);
        JdbcTransactionManager transactions = new EndingSoon(open.dataSource());
        context.registerBean(PlatformTransactionManager.class, () -> transactions);
        context.register(LedgerConfiguration.class);
        context.refresh();
        return new DecidingLedger(open, transactions, settings.digestKey(open.stack()), context);
    }

    /** Every transaction of a decision holds rows that pushing needs, and a transaction id that the ledger's readers wait for. */
    private static final class EndingSoon extends JdbcTransactionManager {

        EndingSoon(DataSource database) {
            super(database);
        }

        @Override
        protected void prepareTransactionalConnection(Connection connection, TransactionDefinition definition)
                throws SQLException {
            super.prepareTransactionalConnection(connection, definition);
            try (Statement bounds = connection.createStatement()) {
                bounds.execute(FrozenClient.ENDS_SOON);
            }
        }
    }

    /**
     * Decides, with what follows for the ledger, in one transaction.
     *
     * @throws IllegalStateException with a sentence, if the ledger keeps digests and their key is missing or another
     */
    public Decision decide(InstanceCommand command) {
        requireTheKey(command.instanceId().value());
        return context.getBean(Ledger.class).handle(command);
    }

    /** What would happen; all of it is taken back. */
    Decision tryOut(InstanceCommand command, Beside beside) {
        return together(command, beside, Ending.ROLLED_BACK);
    }

    /** What is done to other tables with a decision: both or neither. */
    @FunctionalInterface
    interface Beside {

        Beside NOTHING = Optional::empty;

        /** Does it, in the decision's transaction; else tells why it cannot be. */
        Optional<Decision.Refused> done();
    }

    /** Decides, and does what belongs to it in the same transaction. A lost race is not tried again. */
    Decision decide(InstanceCommand command, Beside beside) {
        return together(command, beside, Ending.COMMITTED);
    }

    private enum Ending {
        COMMITTED,
        ROLLED_BACK
    }

    private Decision together(InstanceCommand command, Beside beside, Ending ending) {
        requireTheKey(command.instanceId().value());
        TransactionTemplate transaction = new TransactionTemplate(transactions);
        return Objects.requireNonNull(transaction.execute(status -> {
            Decision decision = context.getBean(Ledger.class).handle(command);
            Optional<Decision.Refused> hindered = decision.events().isEmpty() ? Optional.empty() : beside.done();
            if (ending == Ending.ROLLED_BACK || hindered.isPresent()) {
                status.setRollbackOnly();
            }
            return hindered.<Decision>map(refused -> refused).orElse(decision);
        }));
    }

    private record End(long number, String type, int revision, String payload, @Nullable String digest) {}

    /** An event with another key's digest, or with none among those that have one, would look slipped in for ever. */
    private void requireTheKey(String instance) {
        List<End> end = open.jdbc()
                .query(
                        END_OF_STREAM,
                        (row, number) -> new End(
                                row.getLong(1), row.getString(2), row.getInt(3), row.getString(4), row.getString(5)),
                        instance);
        if (end.isEmpty() || end.get(0).digest() == null) {
            // kept before the ledger had a key; the next event gets a digest, and of that key
            List<String> another = open.jdbc().queryForList(LATEST_WITH_DIGEST, String.class);
            if (!another.isEmpty() && !another.get(0).equals(instance)) {
                requireTheKey(another.get(0));
            }
            return;
        }
        if (digestKey == null) {
            throw new IllegalStateException(
                    "this ledger keeps digests: name their key by --digest-key or $METERING_LEDGER_DIGEST_KEY");
        }
        End last = end.get(0);
        String before = end.size() > 1 ? end.get(1).digest() : null;
        byte[] expected = new EventDigests(digestKey)
                .of(
                        before == null ? null : HexFormat.of().parseHex(before),
                        instance,
                        last.number(),
                        last.type(),
                        last.revision(),
                        last.payload());
        if (!HexFormat.of().formatHex(expected).equals(last.digest())) {
            throw new IllegalStateException("the last event of instance " + instance
                    + " does not fit this key: it is another key, or the event was changed (./metering ledger verify)");
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
