package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page of scenarios has each known one, and names no test that has gone. */
@Tag("fast")
class ScenariosPageTest {

    private static final Pattern TEST = Pattern.compile("\\b([A-Z]\\w+Test)\\.([a-z]\\w+)");
    private static final Pattern NUMBERED = Pattern.compile("(?m)^\\| (\\d+) \\|");

    private final String page = read(Repository.root().resolve("docs/scenarios.md"));

    @Test
    void each_of_the_fifty_has_one_row() {
        String fifty = page.substring(page.indexOf("## The fifty"), page.indexOf("## Ingest and log"));

        assertThat(NUMBERED.matcher(fifty).results().map(row -> Integer.valueOf(row.group(1))))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 50).boxed().toList());
    }

    @Test
    void every_test_that_it_names_is_there() throws IOException {
        Map<String, String> tests = tests();
        List<String> gone = new ArrayList<>();
        Matcher named = TEST.matcher(page);
        while (named.find()) {
            if (!tests.getOrDefault(named.group(1), "").contains("void " + named.group(2) + "(")) {
                gone.add(named.group());
            }
        }
        assertThat(gone).isEmpty();
    }

    private static Map<String, String> tests() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.walk(Repository.root())) {
            files.filter(file -> file.toString().contains("/src/test/")
                            && file.getFileName().toString().endsWith("Test.java"))
                    .forEach(file -> sources.put(file.getFileName().toString().replace(".java", ""), read(file)));
        }
        return sources;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            throw new IllegalStateException(file + " cannot be read", gone);
        }
    }
}
