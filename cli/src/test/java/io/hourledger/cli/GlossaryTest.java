package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The glossary names types, tables, metrics, settings and options as the sources have them. */
@Tag("fast")
class GlossaryTest {

    private static final int NAMES_COLUMN = 3;
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    @Test
    void every_name_in_the_glossary_occurs_in_the_sources() throws IOException {
        String sources = sources();
        assertThat(names()).isNotEmpty();
        assertThat(names().stream().filter(name -> !occurs(name, sources))).isEmpty();
    }

    @Test
    void every_test_that_a_page_names_exists() throws IOException {
        List<String> unknown = new ArrayList<>();
        List<Path> tests = javaFiles("/src/test/java/");
        for (Path page : pages()) {
            Pattern.compile("`([A-Z]\\w+Test)(?:[.#](\\w+))?")
                    .matcher(Files.readString(page))
                    .results()
                    .filter(named -> !exists(named, tests))
                    .forEach(named -> unknown.add(Repository.root().relativize(page) + " -> " + named.group()));
        }
        assertThat(unknown).isEmpty();
    }

    private static boolean exists(MatchResult named, List<Path> tests) {
        return tests.stream()
                .filter(file -> file.getFileName().toString().equals(named.group(1) + ".java"))
                .anyMatch(file -> named.group(2) == null || read(file).contains(" " + named.group(2)));
    }

    /** A dotted name of a table or a member is looked for by its last part; a setting, a metric or a word as it stands. */
    private static boolean occurs(String name, String sources) {
        String wanted = name.endsWith(".*") ? name.substring(0, name.length() - 2) : name;
        return sources.contains(wanted)
                || sources.contains("create table " + wanted.substring(wanted.lastIndexOf('.') + 1) + " ")
                || sources.contains("@ConfigurationProperties(\"" + before(wanted) + "\")")
                        && sources.contains(camel(wanted.substring(wanted.lastIndexOf('.') + 1)));
    }

    private static String before(String name) {
        return name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }

    private static String camel(String kebab) {
        return Pattern.compile("-([a-z])").matcher(kebab).replaceAll(letter -> letter.group(1)
                .toUpperCase(java.util.Locale.ROOT));
    }

    private static Set<String> names() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String line : Files.readAllLines(Repository.root().resolve("docs/glossary.md"))) {
            String[] cells = line.split("\\|", -1);
            if (line.startsWith("|") && cells.length > NAMES_COLUMN) {
                NAME.matcher(cells[NAMES_COLUMN]).results().forEach(found -> names.add(found.group(1)));
            }
        }
        return names;
    }

    private static String sources() throws IOException {
        StringBuilder sources = new StringBuilder();
        try (Stream<Path> files = Files.walk(Repository.root())) {
            files.filter(file -> file.toString().contains("/src/main/"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .filter(file -> file.toString().matches(".*\\.(java|sql|yaml)"))
                    .forEach(file -> sources.append(read(file)).append('\n'));
        }
        return sources.toString();
    }

    private static List<Path> javaFiles(String below) throws IOException {
        try (Stream<Path> files = Files.walk(Repository.root())) {
            return files.filter(file -> file.toString().contains(below))
                    .filter(file -> file.toString().endsWith(".java"))
                    .toList();
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(Repository.root().resolve("docs"))) {
            return docs.filter(page -> page.toString().endsWith(".md")).toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
    }
}
