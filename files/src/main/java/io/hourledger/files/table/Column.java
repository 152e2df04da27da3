package io.hourledger.files.table;

/**
 * A column of a table.
 *
 * @param scale decimals of an amount in forms that fix them; 0 for all other types
 */
public record Column(String name, Type type, int scale) {

    /** Decimals of amounts that the ledger has exactly. An amount with more stops the export rather than be rounded. */
    public static final int EXACT_SCALE = 18;

    /** What the values of a column are. */
    public enum Type {
        /** {@link String} */
        TEXT,
        /** {@link java.math.BigDecimal} */
        AMOUNT,
        /** {@link Long} */
        COUNT,
        /** {@link java.time.Instant}, in UTC */
        TIME
    }

    public static Column text(String name) {
        return new Column(name, Type.TEXT, 0);
    }

    public static Column amount(String name, int scale) {
        return new Column(name, Type.AMOUNT, scale);
    }

    public static Column count(String name) {
        return new Column(name, Type.COUNT, 0);
    }

    /** The name of a column of ours ends with {@code _utc}; those of FOCUS are UTC by its specification. */
    public static Column time(String name) {
        return new Column(name, Type.TIME, 0);
    }
}
