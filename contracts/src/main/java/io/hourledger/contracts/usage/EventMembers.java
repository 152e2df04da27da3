package io.hourledger.contracts.usage;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the members of one event that the checks need, in whatever order they come. */
final class EventMembers {

    static final String SPECVERSION = "specversion";
    static final String SOURCE = "source";
    static final String ID = "id";
    static final String TYPE = "type";
    static final String SUBJECT = "subject";
    static final String TIME = "time";
    static final String DATA = "data";
    static final String DATA_BASE64 = "data_base64";
    /** Few events have more members than this, and for these comparing is faster than hashing. */
    private static final int FEW = 16;

    private final @Nullable String[] names = new String[FEW];
    private int count;
    private @Nullable Set<String> namesOfMany;

    @Nullable EventText specversion;

    @Nullable EventText source;

    @Nullable EventText id;

    @Nullable EventText type;

    @Nullable EventText subject;

    @Nullable EventText time;

    Presence data = Presence.ABSENT;

    @Nullable Field fields;

    @Nullable EventText dataBase64;

    /** Remembers the name; false if it was there before. */
    boolean isNew(String name) {
        if (namesOfMany != null) {
            return namesOfMany.add(name);
        }
        for (int i = 0; i < count; i++) {
            if (name.equals(names[i])) {
                return false;
            }
        }
        if (count < FEW) {
            names[count++] = name;
            return true;
        }
        Set<String> many = new HashSet<>();
        for (String known : names) {
            many.add(known);
        }
        namesOfMany = many;
        return many.add(name);
    }

    @Nullable String idIfValid() {
        return id != null && id.whyNotAName(UsageEventLimits.MAX_NAME_CHARS) == null ? id.value() : null;
    }

    /** What stands where the event's data should be. */
    enum Presence {
        ABSENT,
        OBJECT,
        OTHER
    }

    /** A member of data that some meter reads; linked to those read before it, since data seldom has more than one. */
    record Field(String name, @Nullable EventText value, @Nullable Field before) {}
}
