package io.hourledger.pusher.files;

import java.time.ZoneId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to read a file.
 *
 * @param headers the header of each column that does not have the name of the marketplace's calls
 * @param zone of times that name none; null = such a time is unreadable, since a guess could name another hour's record
 */
public record FileLayout(Map<FileColumn, String> headers, @Nullable ZoneId zone) {

    public FileLayout {
        headers = Map.copyOf(headers);
    }
}
