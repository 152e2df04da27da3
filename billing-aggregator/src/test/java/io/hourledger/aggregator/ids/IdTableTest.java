package io.hourledger.aggregator.ids;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
@net.jqwik.api.Tag("fast")
class IdTableTest {

    private record Id(long high, int low) {}

    private record Counted(int content, long hour) {}

    @Property(tries = 100)
    void it_holds_what_a_map_would_hold(@ForAll Random random) {
        IdTable table = new IdTable();
        Map<Id, Counted> model = new HashMap<>();
        long forgottenThrough = -1;
        for (int i = 0; i < 3_000; i++) {
            // few bits, so that ids meet and share places
            Id id = new Id((long) random.nextInt(64) << 54 | random.nextInt(16), random.nextInt(4));
            long hour = forgottenThrough + 1 + random.nextInt(5);
            Counted known = model.get(id);
            long found = table.find(id.high, id.low, hour, 0);
            assertThat(found).isEqualTo(known == null ? IdTable.ABSENT : Integer.toUnsignedLong(known.content));
            if (known == null) {
                int content = random.nextInt();
                table.add(id.high, id.low, content, hour);
                model.put(id, new Counted(content, hour));
            }
            if (random.nextInt(500) == 0) {
                long through = forgottenThrough + 1 + random.nextInt(3);
                table.forgetThrough(through, IdTable.NO_HOUR, IdTable.NO_HOUR);
                model.values().removeIf(counted -> counted.hour <= through);
                forgottenThrough = through;
            }
            assertThat(table.size()).isEqualTo(model.size());
        }
    }

    @Test
    void an_id_of_an_hour_behind_the_limit_is_seen_only_by_its_own_hour() {
        IdTable table = new IdTable();
        table.find(5, 5, 10, 10);
        table.add(5, 5, 77, 10);

        assertThat(table.find(5, 5, 10, 11)).isEqualTo(77);
        assertThat(table.find(5, 5, 12, 10)).isEqualTo(77);
        assertThat(table.find(5, 5, 12, 11)).isEqualTo(IdTable.ABSENT);

        table.add(5, 5, 88, 12);
        assertThat(table.find(5, 5, 12, 11)).isEqualTo(88);
        assertThat(table.find(5, 5, 10, 11)).isEqualTo(77);
    }

    @Test
    void at_any_count_an_id_costs_less_than_34_bytes() {
        IdTable table = new IdTable();
        Random random = new Random(7);
        for (int i = 1; i <= 3_000_000; i++) {
            long high = random.nextLong();
            table.find(high, i, 1, 1);
            table.add(high, i, i, 1);
            if (i >= 1_000_000 && i % 10_000 == 0) {
                assertThat(table.bytes() / (double) i).as("bytes an id at " + i).isLessThan(34);
            }
        }
    }

    @Test
    void room_made_at_once_is_no_larger_than_room_grown() {
        IdTable table = new IdTable();
        table.expect(1_000_000);
        Random random = new Random(7);
        for (int i = 1; i <= 1_000_000; i++) {
            long high = random.nextLong();
            table.find(high, i, 1, 1);
            table.add(high, i, i, 1);
        }
        assertThat(table.bytes() / 1_000_000.0).isLessThan(30);
    }
}
