package io.hourledger.ledger.seal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Shows that some events stand under a seal without showing any other. Reads all events that the seal covers once, since the tree's inner hashes
 * are not stored.
 */
public final class SealedEvents {

    private static final int ROWS_A_FETCH = 5000;

    private static final String EVENTS =
            """
            select %s
            from ledger.event
            order by transaction_id, position
            limit ?
            """
                    .formatted(EventLeaf.COLUMNS);

    private final JdbcTemplate jdbc;
    private final TransactionTemplate reading;

    public SealedEvents(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.reading = new TransactionTemplate(transactions);
        this.reading.setReadOnly(true);
        this.reading.setIsolationLevel(TransactionTemplate.ISOLATION_REPEATABLE_READ);
    }

    /**
     * An event as it is shown.
     *
     * @param index its number in the order of the feed, from 0
     * @param payload as JSON in its one spelling: members sorted, no white space
     * @param digest in hexadecimal digits; empty if the event has none
     */
    public record Shown(
            long index,
            String instanceId,
            long sequenceNumber,
            String type,
            int revision,
            String payload,
            String digest) {}

    /**
     * The events that were asked for, and what leads from them to the root.
     *
     * @param root as computed from the database now; the seal's, unless the ledger was changed
     * @param siblings hashes of all largest subtrees without a shown event, from left to right
     * @param missing what was asked for and is not under the seal
     */
    public record Inclusion(String root, List<Shown> events, List<String> siblings, List<Missing> missing) {}

    /** An event by its place in its stream. */
    public record Missing(String instanceId, long sequenceNumber) {}

    /**
     * @param count how many events the seal covers
     * @param wanted sequence numbers by instance
     * @param progress gets the number of events read so far, now and then
     */
    public Inclusion under(long count, Map<String, Set<Long>> wanted, LongConsumer progress) {
        MerkleTree tree = new MerkleTree();
        List<Shown> shown = new ArrayList<>();
        reading.executeWithoutResult(status -> jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement(EVENTS);
                    statement.setFetchSize(ROWS_A_FETCH);
                    statement.setLong(1, count);
                    return statement;
                },
                row -> {
                    EventLeaf leaf = EventLeaf.of(row);
                    if (wanted.getOrDefault(leaf.instanceId(), Set.of()).contains(leaf.sequenceNumber())) {
                        shown.add(shown(tree.size(), leaf));
                        tree.addDisclosed(leaf.bytes());
                    } else {
                        tree.add(leaf.bytes());
                    }
                    if (tree.size() % ROWS_A_FETCH == 0) {
                        progress.accept(tree.size());
                    }
                }));
        HexFormat hex = HexFormat.of();
        return new Inclusion(
                hex.formatHex(tree.root()),
                List.copyOf(shown),
                tree.siblings().stream().map(hex::formatHex).toList(),
                missing(wanted, shown));
    }

    private static List<Missing> missing(Map<String, Set<Long>> wanted, List<Shown> shown) {
        Set<Missing> missing =
                new TreeSet<>(Comparator.comparing(Missing::instanceId).thenComparingLong(Missing::sequenceNumber));
        wanted.forEach((instance, numbers) -> numbers.forEach(number -> missing.add(new Missing(instance, number))));
        shown.forEach(event -> missing.remove(new Missing(event.instanceId(), event.sequenceNumber())));
        return List.copyOf(missing);
    }

    private static Shown shown(long index, EventLeaf leaf) {
        byte[] digest = leaf.digest();
        return new Shown(
                index,
                leaf.instanceId(),
                leaf.sequenceNumber(),
                leaf.type(),
                leaf.revision(),
                leaf.payload(),
                digest == null ? "" : HexFormat.of().formatHex(digest));
    }
}
