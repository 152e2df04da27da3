package io.hourledger.aggregator.quarantine;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names a record of the usage log. */
public record LogPlace(int partition, long offset) implements Comparable<LogPlace> {

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})/(\\d{1,18})");

    /** Reads {@code PARTITION/OFFSET}. */
    public static Optional<LogPlace> of(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches()
                ? Optional.of(new LogPlace(Integer.parseInt(form.group(1)), Long.parseLong(form.group(2))))
                : Optional.empty();
    }

    @Override
    public int compareTo(LogPlace other) {
        return partition == other.partition
                ? Long.compare(offset, other.offset)
                : Integer.compare(partition, other.partition);
    }

    @Override
    public String toString() {
        return partition + "/" + offset;
    }
}
