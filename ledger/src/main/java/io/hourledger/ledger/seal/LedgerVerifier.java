package io.hourledger.ledger.seal;

import io.hourledger.ledger.store.EventDigests;
import io.hourledger.ledger.store.IndexScansOnly;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.JacksonException;

/**
 * Reads the whole ledger once, in the order of the feed, and says what does not fit its digests, its sequence numbers and the seals. Streams the
 * events; keeps one digest an instance. So its cost is that of reading the events, however many instances, hours and seals there are. A month is
 * read from a seal before it to the end of the ledger: what belongs to it may be recorded at any time after it.
 */
public final class LedgerVerifier {

    private static final int ROWS_A_FETCH = 5000;
    private static final int MOST_FINDINGS = 1000;
    private static final int NAMED_UNSEALED = 20;

    private static final String EVENTS =
            """
            select %s
            from ledger.event
            order by transaction_id, position
            """
                    .formatted(EventLeaf.COLUMNS);

    private static final String EVENTS_BEHIND =
            """
            select %s
            from ledger.event
            where (transaction_id, position) > (?::xid8, ?)
            order by transaction_id, position
            """
                    .formatted(EventLeaf.COLUMNS);

    /** Not one that was moved behind the place where the reading began. */
    private static final String PREDECESSOR =
            """
            select digest
            from ledger.event
            where instance_id = ? and sequence_number = ? and (transaction_id, position) <= (?::xid8, ?)
            """;

    private static final String CUT_BEHIND_THE_STATE =
            """
            select s.instance_id, s.sequence_number
            from ledger.instance_snapshot s
            where not exists (
                select 1
                from ledger.event e
                where e.instance_id = s.instance_id and e.sequence_number = s.sequence_number)
            order by s.instance_id
            """;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate reading;
    private final EventDigests digests;
    private final SealMarks marks;

    public LedgerVerifier(JdbcTemplate jdbc, PlatformTransactionManager transactions, EventDigests digests) {
        this.jdbc = jdbc;
        this.reading = new TransactionTemplate(transactions);
        this.reading.setReadOnly(true);
        this.reading.setIsolationLevel(TransactionTemplate.ISOLATION_REPEATABLE_READ);
        this.digests = digests;
        this.marks = new SealMarks(jdbc);
    }

    /**
     * What was found.
     *
     * @param events how many events there are
     * @param passedOver how many of them were not read, since they were sealed before the month that was asked for
     * @param sealed how many of them the last seal covers
     * @param sealsCompared how many seals were reached by reading
     * @param withoutDigest how many were kept before there was a key
     * @param firstUnsealed the names of the first {@value #NAMED_UNSEALED} events behind the last seal
     * @param findings what is wrong, each in a sentence; beyond {@value #MOST_FINDINGS} only how many more
     */
    public record Report(
            long events,
            long passedOver,
            long sealed,
            long sealsCompared,
            long withoutDigest,
            List<String> firstUnsealed,
            List<String> findings) {

        public boolean sound() {
            return findings.isEmpty();
        }

        /** Events that no seal covers yet: whoever holds the database could still cut them off unseen. */
        public long notSealedYet() {
            return Math.max(0, events - sealed);
        }
    }

    /**
     * @param seals in the order they were kept
     */
    public Report verify(List<Seal> seals) {
        return verify(seals, events -> {});
    }

    /**
     * @param seals in the order they were kept
     * @param progress gets the number of events read so far, every {@value #ROWS_A_FETCH} events and at the end
     */
    public Report verify(List<Seal> seals, LongConsumer progress) {
        return verify(seals, null, progress);
    }

    /**
     * @param seals in the order they were kept
     * @param key of the seals' signatures; null leaves them unchecked
     * @param progress gets the number of events read so far, every {@value #ROWS_A_FETCH} events and at the end
     */
    public Report verify(List<Seal> seals, @Nullable SealKey key, LongConsumer progress) {
        return read(new Reading(seals, SealMark.NOTHING), key, progress);
    }

    /**
     * Reads from a seal before a month to the end of the ledger. It begins at the newest stored point of the chain that lies before every event
     * of the month's hours, that a seal of before the month vouches for, and that a later seal proves the place of; at the first event if there
     * is none.
     *
     * @param seals all of them, in the order they were kept
     * @param key of the seals' signatures; null leaves them unchecked
     * @param progress gets the number of events read so far, every {@value #ROWS_A_FETCH} events and at the end
     */
    public Report verifyMonth(List<Seal> seals, @Nullable SealKey key, YearMonth month, LongConsumer progress) {
        SealMark from = marks.newestBefore(month, seals, key).orElse(SealMark.NOTHING);
        return read(new Reading(seals, from), key, progress);
    }

    /** Signatures first: they need time, and no moment of the database. */
    private Report read(Reading found, @Nullable SealKey key, LongConsumer progress) {
        if (key != null) {
            found.checkSignatures(key);
        }
        reading.executeWithoutResult(status -> {
            found.read(progress);
            jdbc.query(CUT_BEHIND_THE_STATE, row -> {
                found.finding(row.getString(1) + ": the stream ends before event " + row.getLong(2)
                        + ", which its state knows");
            });
        });
        return found.report();
    }

    /** The last event seen of a stream, and the last digest. */
    private static final class Last {
        private long sequenceNumber = -1;
        private byte @Nullable [] digest;
    }

    private final class Reading {
        private final List<Seal> seals;
        private final SealMark from;
        private final long sealed;
        private final Map<String, Last> streams = new HashMap<>();
        private final List<String> findings = new ArrayList<>();
        private final List<String> firstUnsealed = new ArrayList<>();
        private final MerkleTree tree;
        private final SealsThatDiffer heads = new SealsThatDiffer("are not those that were sealed");
        private final SealsThatDiffer roots = new SealsThatDiffer("have another Merkle root than was sealed");
        private byte[] head;
        private long events;
        private long withoutDigest;
        private int nextSeal;
        private long dropped;

        Reading(List<Seal> seals, SealMark from) {
            this.seals = seals.stream()
                    .filter(seal -> seal.eventCount() >= from.eventCount())
                    .toList();
            this.from = from;
            this.sealed = seals.isEmpty() ? 0 : seals.getLast().eventCount();
            this.tree = from.tree();
            this.head = HexFormat.of().parseHex(from.head());
            this.events = from.eventCount();
            compareWithSeals();
        }

        void read(LongConsumer progress) {
            boolean whole = from.eventCount() == 0;
            if (!whole) {
                jdbc.execute(IndexScansOnly.SET);
            }
            jdbc.query(connection -> whole ? wholeLedger(connection) : behindTheMark(connection), row -> {
                event(row);
                if (events % ROWS_A_FETCH == 0) {
                    progress.accept(events);
                }
            });
            progress.accept(events);
        }

        private static PreparedStatement wholeLedger(Connection connection) throws SQLException {
            PreparedStatement statement = connection.prepareStatement(EVENTS);
            statement.setFetchSize(ROWS_A_FETCH);
            return statement;
        }

        private PreparedStatement behindTheMark(Connection connection) throws SQLException {
            PreparedStatement statement = connection.prepareStatement(EVENTS_BEHIND);
            statement.setFetchSize(ROWS_A_FETCH);
            statement.setString(1, from.transactionId());
            statement.setLong(2, from.position());
            return statement;
        }

        /** Seals from before there was a signing key are not signed; once one is, all behind it are. A month's reading begins at one that is. */
        void checkSignatures(SealKey key) {
            boolean isOneSigned = false;
            for (Seal seal : seals) {
                boolean isSigned = seal.isSignedBy(key);
                if (isOneSigned && !isSigned) {
                    finding("the seal over the first " + seal.eventCount() + " events, of " + seal.sealedAt() + ", "
                            + (seal.signature() == null
                                    ? "is not signed"
                                    : "is not the key's: its signature does not fit")
                            + ", though one before it is signed by the key");
                }
                isOneSigned |= isSigned;
            }
        }

        void event(ResultSet row) throws SQLException {
            EventLeaf leaf = EventLeaf.of(row);
            String id = leaf.instanceId();
            long sequenceNumber = leaf.sequenceNumber();
            byte[] digest = leaf.digest();
            String type = leaf.type();
            Last last = streams.computeIfAbsent(id, first -> before(first, sequenceNumber));
            if (sequenceNumber != last.sequenceNumber + 1) {
                finding(name(id, sequenceNumber, type) + ": stands behind event " + last.sequenceNumber
                        + "; what was between is removed or moved");
            }
            if (digest == null) {
                withoutDigest++;
                if (last.digest != null) {
                    finding(name(id, sequenceNumber, type)
                            + ": has no digest, though the event before it has one: slipped in");
                }
            } else {
                if (!fits(digest, last.digest, id, sequenceNumber, type, leaf.revision(), leaf.payload())) {
                    finding(name(id, sequenceNumber, type)
                            + ": its digest does not fit: changed, slipped in, or its predecessor is gone");
                }
                last.digest = digest;
            }
            last.sequenceNumber = sequenceNumber;
            head = digests.chain(head, id, sequenceNumber, digest);
            tree.add(leaf.bytes());
            events++;
            if (events > sealed && firstUnsealed.size() < NAMED_UNSEALED) {
                firstUnsealed.add(name(id, sequenceNumber, type));
            }
            compareWithSeals();
        }

        /** What the first event that is read of a stream stands behind. Its digest rests on that one's, so a changed one does not fit. */
        private Last before(String id, long sequenceNumber) {
            Last last = new Last();
            if (from.eventCount() == 0 || sequenceNumber == 0) {
                return last;
            }
            jdbc.query(
                    PREDECESSOR,
                    row -> {
                        last.sequenceNumber = sequenceNumber - 1;
                        last.digest = row.getBytes(1);
                    },
                    id,
                    sequenceNumber - 1,
                    from.transactionId(),
                    from.position());
            return last;
        }

        private boolean fits(
                byte[] digest,
                byte @Nullable [] predecessor,
                String id,
                long sequenceNumber,
                String type,
                int revision,
                String payload) {
            try {
                return Arrays.equals(digests.of(predecessor, id, sequenceNumber, type, revision, payload), digest);
            } catch (JacksonException noLongerAnEvent) {
                return false;
            }
        }

        private static String name(String id, long sequenceNumber, String type) {
            return id + " event " + sequenceNumber + " (" + type + ")";
        }

        private void compareWithSeals() {
            while (nextSeal < seals.size() && seals.get(nextSeal).eventCount() == events) {
                Seal seal = seals.get(nextSeal++);
                HexFormat hex = HexFormat.of();
                if (!hex.formatHex(head).equals(seal.head())) {
                    heads.differs(seal);
                }
                if (seal.root() != null && !hex.formatHex(tree.root()).equals(seal.root())) {
                    roots.differs(seal);
                }
            }
        }

        /** All later seals rest on the same events: the first and the last that differ stand for them. */
        private final class SealsThatDiffer {
            private final String how;
            private int count;
            private @Nullable Seal last;

            SealsThatDiffer(String how) {
                this.how = how;
            }

            void differs(Seal seal) {
                if (count++ == 0) {
                    finding(sentence(seal));
                }
                last = seal;
            }

            void sayLast() {
                if (last != null && count > 1) {
                    finding(sentence(last) + "; so say " + count + " seals in all");
                }
            }

            private String sentence(Seal seal) {
                return "the first " + seal.eventCount() + " events " + how + " at " + seal.sealedAt();
            }
        }

        void finding(String finding) {
            if (findings.size() < MOST_FINDINGS) {
                findings.add(finding);
            } else {
                dropped++;
            }
        }

        Report report() {
            if (nextSeal < seals.size()) {
                Seal last = seals.get(seals.size() - 1);
                finding(last.eventCount() + " events were sealed at " + last.sealedAt() + ", but there are only "
                        + events + " (" + (seals.size() - nextSeal)
                        + " seals say so): events were removed, the tail was cut, or the database is an older one");
            }
            heads.sayLast();
            roots.sayLast();
            if (dropped > 0) {
                findings.add(dropped + " more findings are not listed");
            }
            return new Report(
                    events,
                    from.eventCount(),
                    Math.min(sealed, events),
                    nextSeal,
                    withoutDigest,
                    List.copyOf(firstUnsealed),
                    List.copyOf(findings));
        }
    }
}
