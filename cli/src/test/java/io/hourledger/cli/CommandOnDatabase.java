package io.hourledger.cli;

import io.hourledger.embedded.TestDatabase;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;
import picocli.CommandLine;

/** The commands on a database of their own that has all tables, with what the last one said. */
public final class CommandOnDatabase {

    public final TestDatabase.Address database = AllTables.fresh();
    public final JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
    public final StringWriter out = new StringWriter();
    public final StringWriter err = new StringWriter();

    /** Runs {@code ./metering} with these words, and where the database is. */
    public int run(List<String> words) {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of(
                "--database-url",
                database.jdbcUrl(),
                "--database-user",
                database.user(),
                "--database-password",
                database.password()));
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = MeteringCli.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(all.toArray(String[]::new));
    }

    public int run(String... words) {
        return run(Arrays.asList(words));
    }
}
