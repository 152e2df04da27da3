package io.hourledger.pusher.files;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** Adds up what the rows of a file come to. */
public final class FileTally {

    private final Map<RowVerdict, Long> counts = new EnumMap<>(RowVerdict.class);
    private BigDecimal difference = BigDecimal.ZERO;
    private long decided;
    private long decidedBefore;
    private long refused;

    public void add(Finding finding) {
        counts.merge(finding.verdict(), 1L, Long::sum);
        difference = difference.add(finding.difference());
    }

    /** The ledger was told now. */
    public void decided() {
        decided++;
    }

    /** Somebody else told the ledger the same since it was compared. */
    public void decidedBefore() {
        decidedBefore++;
    }

    /** The ledger did not take what follows from a finding, so a person must look. */
    public void refused() {
        refused++;
    }

    /** How many of each, in the order of {@link RowVerdict}. */
    public Map<RowVerdict, Long> byVerdict() {
        return Collections.unmodifiableMap(counts);
    }

    /** Whether a person must look at some. */
    public boolean needsPerson() {
        return sum(RowVerdict.Remedy.PERSON) + refused > 0;
    }

    private long sum(RowVerdict.Remedy remedy) {
        return counts.entrySet().stream()
                .filter(count -> count.getKey().remedy() == remedy)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** The whole, as far as it was told to the ledger. */
    public ImportedFiles.Tally sum() {
        long all = counts.values().stream().mapToLong(Long::longValue).sum();
        long lacking = counts.getOrDefault(RowVerdict.NOT_ON_BILL, 0L);
        long same = counts.getOrDefault(RowVerdict.SAME, 0L) + decidedBefore;
        long open = sum(RowVerdict.Remedy.PERSON) + sum(RowVerdict.Remedy.DECISION) - decided - decidedBefore;
        return new ImportedFiles.Tally(all - lacking, same, decided, open, difference);
    }
}
