package io.hourledger.contracts.marketplace;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    /** What is documented as wrong with a record (koogallery.md, section 1.5); 008 is documented nowhere. */
    private static final Set<String> REFUSAL = Set.of("1", "2", "3", "4", "6", "7", "9", "11", "12", "13");

    /** Those that look at nothing but the record itself, so that every copy of it was rejected. */
    private static final Set<String> OF_EVERY_COPY = Set.of("2", "3", "4");

    private static final Pattern PREFIX = Pattern.compile("^[A-Za-z_]+\\.");
    private static final Pattern NUMBER = Pattern.compile("0*(\\d{1,6})(\\.0+)?");

    private RecordCode() {}

    /** Whether the code says that a record with this serial number or window is there already. */
    public static boolean meansDuplicate(String code) {
        return DUPLICATE.contains(number(code));
    }

    /** Whether the code is documented and says that a record is wrong, and not that it is there already. */
    public static boolean meansRefusal(String code) {
        return REFUSAL.contains(number(code));
    }

    /** Whether the code says that every copy of the record was refused, whenever it was sent. */
    public static boolean meansRefusalOfEveryCopy(String code) {
        return OF_EVERY_COPY.contains(number(code));
    }

    /** Without prefix, leading zeros and a spreadsheet's decimals; empty if it is no number. */
    private static String number(String code) {
        Matcher number = NUMBER.matcher(PREFIX.matcher(code.strip()).replaceFirst(""));
        return number.matches() ? number.group(1) : "";
    }
}
