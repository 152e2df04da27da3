package io.hourledger.cli.catalogue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.aggregator.postgres.AggregatorSchema;
import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.cli.MeteringCli;
import io.hourledger.contracts.usage.CatalogueFile;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import picocli.CommandLine;

/** A person lets a version of the catalogue rule from an hour on. */
@Tag("servers")
class CataloguePublishTest {

    private static final String FIRST =
            """
            {"version": 1,
             "meters": [{"name": "egress", "eventType": "web.egress", "aggregation": "SUM", "valueField": "bytes",
                         "unit": "MB", "unitFactor": "0.000001"}],
             "products": []}""";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final TestDatabase.Address address = TestDatabase.freshAddress();
    private final DataSource database =
            new DriverManagerDataSource(address.jdbcUrl(), address.user(), address.password());

    /** By the database's clock, which decides what can be published. */
    private final UsageHour now = UsageHour.of(new JdbcTemplate(database)
            .queryForObject("select clock_timestamp()", OffsetDateTime.class)
            .toInstant());

    private final UsageHour later = UsageHour.ofNumber(now.number() + 24);

    @TempDir
    private Path folder;

    private Path second;

    @BeforeEach
    void startWithTheFirst() throws IOException {
        AggregatorSchema.migrate(database);
        assertThat(new PostgresCatalogue(database).claim(CatalogueFile.read(FIRST.getBytes(UTF_8))))
                .isEmpty();
        second = Files.writeString(
                folder.resolve("second.json"),
                FIRST.replace("\"version\": 1", "\"version\": 2").replace("MB", "GB"));
    }

    private int publish(String... arguments) {
        List<String> all = new ArrayList<>(List.of("catalogue", "publish", second.toString()));
        all.addAll(Arrays.asList(arguments));
        all.addAll(List.of("--who", "li.wei", "--why", "prices of December"));
        all.addAll(List.of("--database-url", address.jdbcUrl()));
        all.addAll(List.of("--database-user", address.user(), "--database-password", address.password()));
        CommandLine line = MeteringCli.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(all.toArray(String[]::new));
    }

    @Test
    void what_is_not_meant_is_only_shown_and_what_is_meant_rules_from_its_hour_on() {
        assertThat(publish("--from", later.start().toString())).isEqualTo(ExitCode.NOT_ALL);
        assertThat(new PostgresCatalogue(database).get().all()).hasSize(1);

        assertThat(publish("--from", later.start().toString(), "--yes")).isEqualTo(ExitCode.OK);
        CatalogueVersions versions = new PostgresCatalogue(database).get();
        assertThat(versions.of(UsageHour.ofNumber(later.number() - 1)).version())
                .isEqualTo(1);
        assertThat(versions.of(later).version()).isEqualTo(2);
    }

    @Test
    void what_must_not_be_published_is_refused_with_a_sentence() {
        assertThat(publish("--from", now.start().toString(), "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("the first hour that it can rule is");
        assertThat(publish("--from", "noon", "--yes")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("the start of an hour in UTC");
        assertThat(new PostgresCatalogue(database).get().all()).hasSize(1);
    }
}
