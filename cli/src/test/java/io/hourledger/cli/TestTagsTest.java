package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code ./metering test --fast} runs what is tagged fast, so a class without a tag would be run by nobody in a hurry. */
@Tag("fast")
class TestTagsTest {

    private static final Pattern TAG = Pattern.compile("^@Tag\\(\"(fast|servers|simulation)\"\\)$", Pattern.MULTILINE);

    @Test
    void every_test_class_is_fast_or_says_what_makes_it_slow() throws IOException {
        for (Path file : testClasses()) {
            assertThat(TAG.matcher(Files.readString(file)).results().count())
                    .as("tags of " + Repository.root().relativize(file))
                    .isEqualTo(1);
        }
    }

    private static List<Path> testClasses() throws IOException {
        try (Stream<Path> files = Files.walk(Repository.root())) {
            return files.filter(file -> file.getFileName().toString().endsWith("Test.java"))
                    .filter(file -> file.toString().replace('\\', '/').contains("/src/test/java/"))
                    .toList();
        }
    }
}
