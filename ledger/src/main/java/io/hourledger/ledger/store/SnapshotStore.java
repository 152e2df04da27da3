package io.hourledger.ledger.store;

import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.ledger.instance.InstanceState;
import io.hourledger.ledger.store.EventTable.Stored;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The states beside the streams, folded again from the events. Every decision rests on a kept state, so a state that was changed, or lost, or
 * folded by rules of before, is worth money.
 */
public final class SnapshotStore {

    private static final int ROWS_A_FETCH = 5000;
    private static final int STREAMS_A_LOOK = 500;

    private static final String STREAMS =
            """
            select instance_id, sequence_number, event_type, revision, payload::text, transaction_id::text, encode(digest, 'hex')
            from ledger.event
            order by instance_id, sequence_number
            """;

    private static final String LOCK = "select form from ledger.instance_snapshot where instance_id = ? for update";

    private static final String STREAM =
            """
            select instance_id, sequence_number, event_type, revision, payload::text, transaction_id::text, encode(digest, 'hex')
            from ledger.event
            where instance_id = ?
            order by sequence_number
            """;

    private static final String KEEP =
            """
            insert into ledger.instance_snapshot (instance_id, sequence_number, transaction_id, state, digest, form)
            values (?, ?, ?::xid8, ?::jsonb, decode(?, 'hex'), ?)
            on conflict (instance_id) do update
            set sequence_number = excluded.sequence_number,
                transaction_id = excluded.transaction_id,
                state = excluded.state,
                digest = excluded.digest,
                form = excluded.form
            """;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate oneMoment;
    private final TransactionTemplate transaction;
    private final EventJson events = new EventJson();
    private final SnapshotCodec states = new SnapshotCodec();
    private final EventTable table;

    public SnapshotStore(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.table = new EventTable(jdbc, events, null);
        this.transaction = new TransactionTemplate(transactions);
        this.oneMoment = new TransactionTemplate(transactions);
        oneMoment.setReadOnly(true);
        oneMoment.setIsolationLevel(TransactionTemplate.ISOLATION_REPEATABLE_READ);
    }

    private static String firstLine(RuntimeException failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }

    /** A stream's fold; null if an event of it cannot be read. */
    private static final class Fold {
        private @Nullable InstanceState state;
        private long last = EventTable.NO_EVENT;
        private String transactionId = "0";
        private @Nullable String digest;
        private @Nullable String unreadable;

        void add(EventJson events, ResultSet row) throws SQLException {
            last = row.getLong(2);
            transactionId = row.getString(6);
            digest = row.getString(7);
            if (unreadable != null) {
                return;
            }
            try {
                InstanceEvent event = events.read(row.getString(1), row.getString(3), row.getInt(4), row.getString(5));
                state = InstanceState.after(state, event);
            } catch (RuntimeException changedByHand) {
                unreadable =
                        "event " + last + " (" + row.getString(3) + ") cannot be read: " + firstLine(changedByHand);
            }
        }

        @Nullable String differenceFrom(@Nullable Stored stored) {
            if (stored == null) {
                return "it has events and no state: nothing can be decided for it";
            }
            if (unreadable != null) {
                return unreadable;
            }
            if (stored.sequenceNumber() != last) {
                return "its state stands at event " + stored.sequenceNumber() + ", its stream ends with event " + last;
            }
            if (!stored.state().equals(state)) {
                return "its state is not what its " + (last + 1) + " events come to";
            }
            if (!stored.transactionId().equals(transactionId)) {
                return "its state names transaction " + stored.transactionId() + ", its last event " + transactionId;
            }
            return Objects.equals(stored.digest(), digest)
                    ? null
                    : "its state names another digest than its last event";
        }
    }

    /**
     * Folds every stream and compares, as of one moment.
     *
     * @param differs gets an instance and what is wrong with its state, in a sentence
     * @param progress gets the number of events read so far
     * @return how many instances there are
     */
    public long compare(BiConsumer<String, String> differs, LongConsumer progress) {
        Comparing comparing = new Comparing(differs);
        oneMoment.executeWithoutResult(status -> {
            jdbc.query(
                    connection -> {
                        var statement = connection.prepareStatement(STREAMS);
                        statement.setFetchSize(ROWS_A_FETCH);
                        return statement;
                    },
                    row -> {
                        if (comparing.take(row) % ROWS_A_FETCH == 0) {
                            progress.accept(comparing.read);
                        }
                    });
            comparing.look();
            progress.accept(comparing.read);
        });
        return comparing.instances;
    }

    private final class Comparing {
        private final BiConsumer<String, String> differs;
        private final Map<String, Fold> folds = new LinkedHashMap<>();
        private long read;
        private long instances;

        Comparing(BiConsumer<String, String> differs) {
            this.differs = differs;
        }

        long take(ResultSet row) throws SQLException {
            String instance = row.getString(1);
            Fold fold = folds.get(instance);
            if (fold == null) {
                if (folds.size() == STREAMS_A_LOOK) {
                    look();
                }
                fold = new Fold();
                folds.put(instance, fold);
                instances++;
            }
            fold.add(events, row);
            return ++read;
        }

        void look() {
            if (folds.isEmpty()) {
                return;
            }
            Map<String, Stored> stored = readable();
            folds.forEach((instance, fold) -> {
                String difference = fold.differenceFrom(stored.get(instance));
                if (difference != null) {
                    differs.accept(instance, difference);
                }
            });
            folds.clear();
        }

        /** A state that cannot even be read is as good as none, and spoils no other. */
        private Map<String, Stored> readable() {
            try {
                return table.load(folds.keySet());
            } catch (RuntimeException oneIsUnreadable) {
                Map<String, Stored> stored = new LinkedHashMap<>();
                for (String instance : folds.keySet()) {
                    try {
                        stored.putAll(table.load(List.of(instance)));
                    } catch (RuntimeException unreadable) {
                        differs.accept(instance, "its state cannot be read: " + firstLine(unreadable));
                    }
                }
                return stored;
            }
        }
    }

    /**
     * Keeps, for one instance, what its stream comes to. No writer of the instance gets in between.
     *
     * @throws IllegalStateException if an event of it cannot be read
     * @throws io.hourledger.ledger.api.LedgerUnavailableException if a newer version has written its state
     */
    public void foldAnew(String instance) {
        transaction.executeWithoutResult(status -> {
            jdbc.queryForList(LOCK, Integer.class, instance).forEach(form -> EventTable.refuseNewer(instance, form));
            Fold fold = new Fold();
            jdbc.query(
                    STREAM,
                    row -> {
                        fold.add(events, row);
                    },
                    instance);
            if (fold.unreadable != null || fold.state == null) {
                throw new IllegalStateException("instance " + instance + ": "
                        + (fold.unreadable == null ? "it has no events" : fold.unreadable));
            }
            jdbc.update(
                    KEEP,
                    instance,
                    fold.last,
                    fold.transactionId,
                    states.write(fold.state),
                    fold.digest,
                    SnapshotCodec.FORM);
        });
    }
}
