package io.hourledger.cli.audit;

import io.hourledger.cli.ledger.LedgerDatabase;
import io.hourledger.cli.ledger.LedgerQuestion;
import io.hourledger.cli.ledger.Output;
import io.hourledger.standalone.ExitCode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./metering audit}. */
@Command(
        name = "audit",
        header = "Who decided what, and why: the newest first.",
        description = {
            "",
            "Every decision of a person that the database keeps: on the ledger, quarantine, partitions, catalogue, orders,"
                    + " packages, notices, the marketplace's files, and after a restore. Nothing is changed, and nothing of it"
                    + " can be. Times are UTC: the machine's for what stands in the ledger, business time elsewhere.",
            ""
        },
        footer = {
            "",
            "Example: ./metering audit --data-dir data --since 2026-11-01T00:00:00Z --who li.wei",
            "Next: ./metering ledger show INSTANCE, for the whole history of an instance"
        })
public final class AuditCommand extends LedgerQuestion {

    private static final String ONE_OF_MANY =
            """
            (select at, who, why, what, about from (%s) as decision
              where at >= :since and (cast(:who as text) is null or who = :who)
              order by at desc limit :most)""";

    @Option(names = "--who", paramLabel = "NAME", description = "only what this person decided")
    private @Nullable String who;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            defaultValue = "2000-01-01T00:00:00Z",
            description = "only as of then, such as 2026-11-01T00:00:00Z")
    private Instant since = Instant.EPOCH;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "rows at most (default: 100)")
    private int limit;

    @Override
    protected boolean needsTables() {
        return false;
    }

    @Override
    protected int answer(LedgerDatabase.Open ledger) {
        if (limit < 1) {
            throw wrong("--limit must be 1 or more");
        }
        JdbcClient jdbc = JdbcClient.create(ledger.dataSource());
        List<DecisionSource> there = DecisionSource.ALL.stream()
                .filter(source -> exists(jdbc, source.table()))
                .toList();
        Output.Rows rows = output.rows(out(), "at", "who", "what", "about", "why");
        List<Decision> decisions = newest(jdbc, there);
        decisions
                .subList(0, Math.min(limit, decisions.size()))
                .forEach(decision -> rows.add(decision.at, decision.who, decision.what, decision.about, decision.why));
        rows.end();
        if (decisions.size() > limit) {
            err().println("there are more: --limit " + 10L * limit);
        }
        return ExitCode.OK;
    }

    private record Decision(Instant at, String who, @Nullable String why, String what, String about) {}

    private List<Decision> newest(JdbcClient jdbc, List<DecisionSource> sources) {
        String all = sources.stream()
                .map(source -> ONE_OF_MANY.formatted(source.decisions()))
                .collect(Collectors.joining("\nunion all\n", "", "\norder by at desc, what, about limit :most"));
        return jdbc.sql(all)
                .param("since", since.atOffset(ZoneOffset.UTC))
                .param("who", who)
                .param("most", limit + 1)
                .query((row, n) -> new Decision(
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getString("who"),
                        row.getString("why"),
                        row.getString("what"),
                        row.getString("about")))
                .list();
    }

    private static boolean exists(JdbcClient jdbc, String table) {
        return jdbc.sql("select to_regclass(:table) is not null")
                .param("table", table)
                .query(Boolean.class)
                .single();
    }
}
