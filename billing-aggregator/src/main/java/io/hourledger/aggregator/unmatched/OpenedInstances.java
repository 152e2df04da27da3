package io.hourledger.aggregator.unmatched;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Partitioner;
import io.hourledger.contracts.instance.InstanceEvent;
import io.hourledger.contracts.instance.InstanceEvent.InstanceOpened;
import io.hourledger.ledger.api.LedgerFeed;
import io.hourledger.ledger.api.StoredEvent;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Notes the instances that are opened while usage of them is unmatched, as the ledger's feed tells, so that closing need not look for them. */
public final class OpenedInstances implements LedgerFeed.Reader {

    /** The inner bound keeps the inner query from becoming a join: each subject is found by its own key. */
    private static final String NOTE =
            """
            insert into aggregator.opened_instance (partition, instance)
            select opened.partition, opened.instance
              from unnest(?::integer[], ?::text[]) as opened (partition, instance)
             cross join lateral (
                   select 1
                     from aggregator.bucket b
                    where b.partition = opened.partition and b.state = 'unmatched' and b.instance = opened.instance
                    limit 1) as unmatched
                on conflict do nothing""";

    /** What it wants to hear of. */
    public static final Set<Class<? extends InstanceEvent>> EVENTS = Set.of(InstanceOpened.class);

    private final JdbcTemplate jdbc;
    private final int partitions;

    /**
     * @param partitions of the usage log
     */
    public OpenedInstances(DataSource database, int partitions) {
        this.jdbc = new JdbcTemplate(database);
        this.partitions = partitions;
    }

    @Override
    public void read(List<StoredEvent> batch) {
        Set<String> opened = new LinkedHashSet<>();
        for (StoredEvent stored : batch) {
            if (stored.event() instanceof InstanceOpened event) {
                opened.add(event.instanceId());
            }
        }
        if (!opened.isEmpty()) {
            jdbc.update(connection -> {
                var statement = connection.prepareStatement(NOTE);
                statement.setArray(
                        1,
                        connection.createArrayOf(
                                "integer",
                                opened.stream().map(this::partitionOf).toArray()));
                statement.setArray(2, connection.createArrayOf("text", opened.toArray()));
                return statement;
            });
        }
    }

    private Integer partitionOf(String instance) {
        byte[] subject = instance.getBytes(UTF_8);
        return Partitioner.partitionOf(subject, 0, subject.length, partitions);
    }
}
