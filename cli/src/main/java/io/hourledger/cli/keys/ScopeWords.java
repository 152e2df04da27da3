package io.hourledger.cli.keys;

import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Says in words what a key may write. */
final class ScopeWords {

    private ScopeWords() {}

    static String of(KeyScope scope) {
        List<String> words = new ArrayList<>();
        add(words, "sources", scope.sources());
        add(words, "sources from", scope.sourcePrefixes());
        add(words, "types", scope.types());
        add(words, "instances", scope.instances());
        add(words, "instances of products", scope.products());
        return String.join("; ", words);
    }

    private static void add(List<String> words, String what, Collection<String> named) {
        if (!named.isEmpty()) {
            words.add(what + " " + String.join(", ", new TreeSet<>(named)));
        }
    }

    /** Empty if there are none. */
    static String of(KeyLimits limits) {
        return (limits.eventsPerSecond() == 0 ? "" : "; " + limits.eventsPerSecond() + " events a second")
                + (limits.bodyBytes() == 0 ? "" : "; " + limits.bodyBytes() + " bytes a request")
                + (limits.memoryPercent() == 0 ? "" : "; " + limits.memoryPercent() + " % of the memory");
    }
}
