package io.hourledger.aggregator.ids;

import java.util.ArrayList;
import java.util.List;

/**
 * Holds the ids of any number of hours: in one {@link IdTable} as long as that has hours left, which is nearly always, and in further ones
 * after that. Belongs to one thread.
 */
public final class IdTables {

    private final IdTable first = new IdTable();

    /** Each was added when all before it had given their hours away. Nearly always empty. */
    private final List<IdTable> further = new ArrayList<>();

    /** Makes room for so many ids at once, if there are none yet. */
    public void expect(long ids) {
        first.expect(ids);
    }

    /**
     * Looks for an id counted in {@code hour}, or in any hour from {@code sinceHour} on.
     *
     * @return the content of its event as an unsigned 32-bit number, or {@link IdTable#ABSENT}
     */
    public long find(long high, int low, long hour, long sinceHour) {
        long known = first.find(high, low, hour, sinceHour);
        for (int i = 0; known == IdTable.ABSENT && i < further.size(); i++) {
            known = further.get(i).find(high, low, hour, sinceHour);
        }
        return known;
    }

    /** Adds the id that {@link #find} has just not found. */
    public void add(long high, int low, int content, long hour) {
        IdTable table = tableOf(hour);
        if (table.size() == 0) {
            table.find(
                    high, low, hour,
                    hour); // an empty one may have been added just now, and nothing was looked for in it
        }
        table.add(high, low, content, hour);
    }

    /**
     * Adds many ids of one hour, none of which it has, as {@link IdBuffer} lays them out.
     *
     * @return false if it holds one of them already; what was added until then stays
     */
    public boolean addAll(long hour, byte[] added) {
        return tableOf(hour).addAll(hour, added);
    }

    /** The ids of one hour all lie in one table. */
    private IdTable tableOf(long hour) {
        if (further.isEmpty() && first.takes(hour)) {
            return first;
        }
        return laterTableOf(hour);
    }

    private IdTable laterTableOf(long hour) {
        if (first.holds(hour)) {
            return first;
        }
        for (IdTable table : further) {
            if (table.holds(hour)) {
                return table;
            }
        }
        if (first.takes(hour)) {
            return first;
        }
        for (IdTable table : further) {
            if (table.takes(hour)) {
                return table;
            }
        }
        IdTable another = new IdTable();
        further.add(another);
        return another;
    }

    /** Forgets the ids of all hours up to and with {@code hour}, but for those of {@code pinned}. */
    public void forgetThrough(long hour, long pinnedFrom, long pinnedThrough) {
        first.forgetThrough(hour, pinnedFrom, pinnedThrough);
        further.forEach(table -> table.forgetThrough(hour, pinnedFrom, pinnedThrough));
        further.removeIf(table -> table.size() == 0);
    }

    public long size() {
        long size = first.size();
        for (IdTable table : further) {
            size += table.size();
        }
        return size;
    }

    /** Bytes of the arrays that hold the ids. */
    public long bytes() {
        long bytes = first.bytes();
        for (IdTable table : further) {
            bytes += table.bytes();
        }
        return bytes;
    }
}
