package io.hourledger.pusher.order;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Compares the items of a package that a person speaks of with those that it has: one left out would be lost, one too many is another's. */
final class NamedItems {

    private NamedItems() {}

    /** Why these are not the items of the package, each once; empty if they are. */
    static Optional<String> mistakeIn(Collection<String> said, Collection<String> items) {
        List<String> missing =
                items.stream().filter(item -> !said.contains(item)).sorted().toList();
        List<String> foreign =
                said.stream().filter(item -> !items.contains(item)).sorted().toList();
        List<String> mistakes = new ArrayList<>();
        if (!missing.isEmpty()) {
            mistakes.add("nothing is said of " + String.join(", ", missing));
        }
        if (!foreign.isEmpty()) {
            mistakes.add("the package has no item " + String.join(", ", foreign));
        }
        if (said.stream().distinct().count() < said.size()) {
            mistakes.add("an item is named twice");
        }
        return mistakes.isEmpty()
                ? Optional.empty()
                : Optional.of("each item of the package is named once: " + String.join("; ", mistakes));
    }
}
