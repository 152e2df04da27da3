package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class TruthOrProjectionTest {

    private static final Map<String, String> SCHEMAS =
            Map.of("ledger", "ledger", "aggregator", "billing-aggregator", "pusher", "gallery-pusher");
    private static final Pattern TABLE = Pattern.compile("create table (?:\\w+\\.)?(\\w+)");

    @Test
    void the_docs_say_of_every_table_whether_it_is_truth_or_projection() throws IOException {
        String[] docs =
                Files.readString(Repository.root().resolve("docs/ledger.md")).split("(?m)^Schema `");
        List<String> silent = new ArrayList<>();
        SCHEMAS.forEach((schema, module) -> {
            String section = Stream.of(docs)
                    .filter(text -> text.startsWith(schema + "`"))
                    .findFirst()
                    .orElse("");
            for (String table : tables(Repository.root().resolve(module + "/src/main/resources/db/" + schema))) {
                boolean said = section.lines()
                        .filter(line -> line.startsWith("| ") && line.contains("`" + table + "`"))
                        .anyMatch(line -> line.matches(".*(truth|projection|position).*"));
                if (!said) {
                    silent.add(schema + "." + table);
                }
            }
        });
        assertThat(silent).isEmpty();
    }

    private static TreeSet<String> tables(Path migrations) {
        TreeSet<String> tables = new TreeSet<>();
        try (Stream<Path> files = Files.list(migrations)) {
            for (Path file : files.toList()) {
                TABLE.matcher(Files.readString(file))
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .forEach(tables::add);
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        assertThat(tables).isNotEmpty();
        return tables;
    }
}
