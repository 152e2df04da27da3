package io.hourledger.files.table;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table that is being written. What is closed before it is finished is no whole file. */
public interface TableFile extends Closeable {

    /**
     * @param values one for each column, of the column's type; null where there is none
     */
    void add(List<? extends @Nullable Object> values) throws IOException;

    /** Writes the end, with the sums in forms that have a place for them. Does not close what it writes to. */
    void finish() throws IOException;
}
