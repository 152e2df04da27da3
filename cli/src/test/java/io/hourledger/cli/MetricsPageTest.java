package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every metric stands on a page, so that whoever builds an alarm finds what it tells. */
@Tag("fast")
class MetricsPageTest {

    private static final Pattern METRIC = Pattern.compile(
            "\"((?:usage|push|ledger|callback|notice|app\\.info|hourledger\\.clock)\\.[a-z]+[a-z.]*)\"");

    @Test
    void every_metric_in_the_sources_stands_on_a_page() throws IOException {
        String pages = text(Repository.root().resolve("docs"), ".*\\.md");
        Set<String> metrics = METRIC.matcher(text(Repository.root(), ".*/src/main/java/.*\\.java"))
                .results()
                .map((MatchResult found) -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(metrics).isNotEmpty();
        assertThat(metrics.stream().filter(metric -> !pages.contains("`" + metric + "`")))
                .isEmpty();
    }

    private static String text(Path folder, String names) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().matches(names))
                    .map(MetricsPageTest::read)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
