package io.hourledger.pusher.files;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a column holds. The documents name no header of the console's files. So only the names that the marketplace's own calls use are
 * known here (koogallery.md, sections 1.3 and 1.5), and a person names the others.
 */
public enum FileColumn {
    METERING_SN("metering-sn", "meteringsn"),
    INSTANCE_ID("instance-id", "instanceid"),
    BEGIN("begin", "begintime"),
    END("end", "endtime"),
    AMOUNT("amount", "usagevalue"),
    CODE("code", "errorcode"),
    REASON("reason", "errormsg");

    private final String label;
    private final String nameInCalls;

    FileColumn(String label, String nameInCalls) {
        this.label = label;
        this.nameInCalls = nameInCalls;
    }

    /** As the command line spells it. */
    public String label() {
        return label;
    }

    /** The column with that label. */
    public static Optional<FileColumn> labelled(String label) {
        return Arrays.stream(values())
                .filter(column -> column.label.equals(label))
                .findFirst();
    }

    /** The column that the marketplace's calls have under this name, whatever its case and separators. */
    static Optional<FileColumn> ofHeader(String header) {
        String letters = header.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
        return Arrays.stream(values())
                .filter(column -> letters.equals(column.nameInCalls))
                .findFirst();
    }
}
