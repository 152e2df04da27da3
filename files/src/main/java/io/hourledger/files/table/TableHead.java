package io.hourledger.files.table;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a file says beside its rows.
 *
 * @param title in words; also the name of the sheets
 * @param rows how many there will be
 * @param notes what a reader must know, by name
 * @param sums of the rows, each with a value for each of {@code sumColumns}
 */
public record TableHead(
        String title,
        List<Column> columns,
        long rows,
        Map<String, String> notes,
        List<Column> sumColumns,
        List<List<@Nullable Object>> sums) {}
