package io.hourledger.cli.ops;

import io.hourledger.cli.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The boards of ops/grafana. */
public final class GrafanaBoards {

    private GrafanaBoards() {}

    /** Each board as it is in the repository. */
    static List<JsonNode> read() {
        try (Stream<Path> files = Files.list(Repository.root().resolve("ops/grafana/boards"))) {
            return files.sorted()
                    .map(file -> JsonMapper.shared().readTree(file.toFile()))
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Every query of every panel. */
    public static List<String> queries() {
        List<String> queries = new ArrayList<>();
        for (JsonNode board : read()) {
            for (JsonNode panel : board.get("panels")) {
                panel.get("targets")
                        .forEach(target -> queries.add(target.get("expr").asString()));
            }
        }
        return queries;
    }
}
