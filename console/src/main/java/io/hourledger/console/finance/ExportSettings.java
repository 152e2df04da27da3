package io.hourledger.console.finance;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code hourledger.console.*} that bound the files of a month.
 *
 * @param exportRows how many records a file has at most
 * @param exportFolder where a file lies until it is sent; null for the machine's folder of temporary files
 */
@ConfigurationProperties("hourledger.console")
record ExportSettings(@DefaultValue("500000") long exportRows, @Nullable Path exportFolder) {

    ExportSettings {
        if (exportRows <= 0) {
            throw new IllegalArgumentException(
                    "hourledger.console.export-rows must be above zero, such as 500000, and is " + exportRows);
        }
    }
}
