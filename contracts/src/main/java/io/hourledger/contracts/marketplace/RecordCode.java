package io.hourledger.contracts.marketplace;

import java.util.Set;

/**
 * The marketplace's code for a single usage record (koogallery.md, section 1.5), as a person types it or a file of the marketplace's console
 * has it. Read by its number alone: a prefix such as {@code MKT.} and leading zeros, which spreadsheets drop, say nothing.
 *
 * <p>It stands here and not in the adapter, since events keep codes: the ledger must know a duplicate in every code that it is told, without
 * asking a service. What the adapter knows as a duplicate is one here, which a test of the adapter holds.
 */
public final class RecordCode {

    /** Same {@code metering_sn}, same window: a second copy. */
    private static final Set<String> DUPLICATE = Set.of("5", "10");

    private RecordCode() {}

    /** Whether the code says that a record with this serial number or window is there already. */
    public static boolean meansDuplicate(String code) {
        String number = code.strip().substring(code.strip().lastIndexOf('.') + 1);
        return DUPLICATE.contains(number.replaceFirst("^0+", ""));
    }
}
