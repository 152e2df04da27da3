package io.hourledger.cli.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.cli.MeteringCli;
import io.hourledger.cli.ops.GrafanaBoards;
import io.hourledger.cli.ops.PromQlNames;
import io.hourledger.cli.ops.PrometheusRules;
import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import io.hourledger.standalone.ExitCode;
import io.hourledger.standalone.stack.DataDirectory;
import io.hourledger.standalone.stack.LocalStack;
import io.hourledger.standalone.stack.Service;
import io.hourledger.standalone.stack.StackOptions;
import io.hourledger.standalone.stack.StackSecrets;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the README's first pages do, on a stack as {@code up} starts it. */
@Tag("servers")
@Timeout(240)
class InstanceCommandTest {

    private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-zA-Z_:][\\w:]*)(?:\\{([^}]*)})? ");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

    @TempDir
    private static Path temporary;

    private static DataDirectory folder;
    private static LocalStack stack;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void up() throws IOException {
        folder = DataDirectory.open(temporary.resolve("data"));
        folder.belongsTo("a test");
        stack = LocalStack.start(new StackOptions(
                folder.path(),
                Durability.FAST,
                Clock.systemUTC(),
                StackSecrets.of(folder.path()),
                Map.of("hourledger.catalogue", "classpath:io/hourledger/standalone/demo/catalogue.json"),
                StackOptions.Ports.ANY));
    }

    @AfterAll
    static void down() throws IOException {
        stack.close();
        folder.close();
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return MeteringCli.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private String dataDir() {
        return folder.path().toString();
    }

    private String openedFor(String buyer, String product) {
        assertThat(run("instance", "open", "--data-dir", dataDir(), "--buyer", buyer, "--product", product))
                .as(err.toString())
                .isEqualTo(ExitCode.OK);
        return out.toString().strip();
    }

    @Test
    void from_an_order_to_the_open_hour() {
        String instance = openedFor("acme", "web-egress");
        assertThat(err.toString()).contains("curl -i http://127.0.0.1:", instance, "./metering instance send");
        assertThat(openedFor("acme", "web-egress")).as("the same order again").isEqualTo(instance);

        assertThat(run("instance", "send", instance, "--data-dir", dataDir(), "--value", "203023"))
                .as(out.toString() + err)
                .isEqualTo(ExitCode.OK);
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        run("ledger", "hours", instance, "--data-dir", dataDir(), "--format", "csv") == ExitCode.OK);
        assertThat(out.toString()).contains(",egress,0.203023,MB,1,open,");
    }

    @Test
    void a_trial_is_opened_without_a_marketplace_and_shown_with_its_hours() {
        String[] trial = {
            "instance",
            "open",
            "--data-dir",
            dataDir(),
            "--without-marketplace",
            "trial-1",
            "--buyer",
            "carol",
            "--product",
            "web-egress",
            "--who",
            "li.wei",
            "--why",
            "she tries it out"
        };
        assertThat(run(trial)).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("say --yes to do it");
        assertThat(run("instance", "show", "trial-1", "--data-dir", dataDir()))
                .as("without --yes nothing is done")
                .isEqualTo(ExitCode.DIFFERENT);

        trial = Arrays.copyOf(trial, trial.length + 1);
        trial[trial.length - 1] = "--yes";
        assertThat(run(trial)).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(out.toString().strip()).isEqualTo("trial-1");
        assertThat(run(trial)).as("the same again").isEqualTo(ExitCode.OK);
        assertThat(run("instance", "send", "trial-1", "--data-dir", dataDir(), "--value", "203023"))
                .as(out.toString() + err)
                .isEqualTo(ExitCode.OK);

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(run("instance", "show", "trial-1", "--data-dir", dataDir()))
                    .isEqualTo(ExitCode.OK);
            assertThat(out.toString())
                    .contains(
                            "Instance trial-1 is active: product web-egress, meter egress, for carol",
                            "opened without a marketplace by li.wei: its usage is never billed",
                            "0.203023 MB so far, open");
        });
        assertThat(run("instance", "show", "trial-1", "--data-dir", dataDir(), "--json"))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("\"openedBy\":\"li.wei\"", "\"billed\":false");
    }

    @Test
    void a_package_that_fits_two_instances_waits_until_a_person_names_one() {
        String first = openedFor("prepaid", "web-egress");
        assertThat(run(
                        "instance",
                        "open",
                        "--data-dir",
                        dataDir(),
                        "--buyer",
                        "prepaid",
                        "--product",
                        "web-egress",
                        "--order",
                        "2"))
                .isEqualTo(ExitCode.OK);
        assertThat(run(
                        "instance",
                        "open",
                        "--data-dir",
                        dataDir(),
                        "--buyer",
                        "prepaid",
                        "--product",
                        "web-egress-package"))
                .isEqualTo(ExitCode.DIFFERENT);

        assertThat(run("instance", "list", "--data-dir", dataDir())).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("could be for 2 pay-per-use instances of buyer prepaid");
        String waiting = out.toString().substring(0, out.toString().indexOf(' '));
        assertThat(run("instance", "show", waiting, "--data-dir", dataDir())).isEqualTo(ExitCode.DIFFERENT);
        assertThat(out.toString()).contains("is not open: needs-review since", "could be for 2 pay-per-use instances");

        String item = "web-egress-package=" + first;
        assertThat(resolve(waiting, "web-egress-package=nobody", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("there is no instance nobody");
        assertThat(resolve(waiting, item)).isEqualTo(ExitCode.OK);
        assertThat(run("instance", "list", "--data-dir", dataDir()))
                .as("without --yes nothing is done")
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(resolve(waiting, item, "--yes")).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(run("instance", "list", "--data-dir", dataDir())).isEqualTo(ExitCode.OK);
        assertThat(openedFor("prepaid", "web-egress-package")).isEqualTo(waiting);
    }

    /** As beside compose or a cluster: there is no stack on this machine, but an address and a token. */
    @Test
    void the_pusher_of_any_installation_is_asked_by_its_address_and_token(@TempDir Path elsewhere) throws Exception {
        String instance = openedFor("anywhere", "web-egress");
        String url = stack.uri(Service.PUSHER).toString();
        String token = StackSecrets.of(folder.path()).operatorToken();
        Files.writeString(elsewhere.resolve("hourledger.operator-token"), token + "\n");
        String none = elsewhere.resolve("none").toString();

        assertThat(run("instance", "show", instance, "--data-dir", none)).isEqualTo(ExitCode.COULD_NOT_RUN);
        assertThat(run("instance", "show", instance, "--url", url, "--token", token))
                .as(err.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("Instance " + instance + " is active");
        assertThat(run("instance", "list", "--url", url, "--secrets", elsewhere.toString()))
                .as(err.toString())
                .isIn(ExitCode.OK, ExitCode.DIFFERENT);
        assertThat(run(
                        "instance",
                        "resolve",
                        "nobody",
                        "--product",
                        "web-egress",
                        "--who",
                        "li.wei",
                        "--why",
                        "asked",
                        "--yes",
                        "--url",
                        url,
                        "--secrets",
                        elsewhere.toString()))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("nothing was done for nobody");

        assertThat(run("instance", "list", "--url", url, "--token", "another")).isEqualTo(ExitCode.COULD_NOT_RUN);
        assertThat(err.toString()).contains("HTTP 401");
        assertThat(run("instance", "list", "--url", url)).isEqualTo(ExitCode.COULD_NOT_RUN);
        assertThat(err.toString()).contains("no token for " + url);
        assertThat(run("instance", "list", "--url", "http://127.0.0.1:1", "--token", token))
                .isEqualTo(ExitCode.COULD_NOT_RUN);
        assertThat(err.toString()).contains("no pusher answers at http://127.0.0.1:1");
    }

    @Test
    void a_line_with_several_products_waits_until_a_person_names_one() throws Exception {
        HttpResponse<String> placed = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(stack.uri(Service.SIMULATOR).resolve("/sim/orders"))
                                .header(
                                        "Authorization",
                                        "Bearer "
                                                + StackSecrets.of(folder.path()).operatorToken())
                                .header("Content-Type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                """
                                                {"orders":[{"name":"two items","buyerId":"two","lines":[{"products":[
                                                  {"productId":"web-requests"},{"productId":"web-egress"}]}]}]}"""))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(placed.statusCode()).as(placed.body()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            int found = run("instance", "list", "--data-dir", dataDir());
            return found == ExitCode.DIFFERENT && out.toString().contains("2 products (web-requests, web-egress)");
        });
        String waiting = out.toString()
                .lines()
                .filter(line -> line.contains("2 products"))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .findFirst()
                .orElseThrow();

        assertThat(run("instance", "resolve", waiting, "--data-dir", dataDir(), "--who", "li.wei", "--why", "asked"))
                .as("neither --product nor --item")
                .isEqualTo(ExitCode.USAGE);
        assertThat(resolved(waiting, "--product", "web-nothing", "--yes")).isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("product web-nothing is not on the order line");
        assertThat(resolved(waiting, "--product", "web-egress", "--yes"))
                .as(err.toString())
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("instance " + waiting + " is open");
    }

    private int resolve(String waiting, String item, String... more) {
        List<String> arguments = new ArrayList<>(List.of("--item", item));
        arguments.addAll(List.of(more));
        return resolved(waiting, arguments.toArray(String[]::new));
    }

    private int resolved(String waiting, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "instance",
                "resolve",
                waiting,
                "--data-dir",
                dataDir(),
                "--who",
                "li.wei",
                "--why",
                "the buyer said so"));
        arguments.addAll(List.of(more));
        return run(arguments.toArray(String[]::new));
    }

    @Test
    void the_lag_is_told_and_the_exit_code_says_whether_hours_will_be_in_time() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> run("lag", "--data-dir", dataDir(), "--interval", "PT0.5S") == ExitCode.OK);
        assertThat(out.toString()).contains("PARTITION", "IN TIME", "aggregator-");

        assertThat(run("lag", "--data-dir", dataDir(), "--interval", "PT0.5S", "--json"))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).startsWith("{").contains("\"verdict\":\"in time\"", "\"trend\":\"caught up\"");

        assertThat(run("lag", "--data-dir", dataDir(), "--interval", "PT0.5S", "--watch", "--looks", "2"))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("█");

        assertThat(run("lag", "--data-dir", dataDir(), "--bootstrap-servers", "127.0.0.1:1"))
                .isEqualTo(ExitCode.DIFFERENT);
        assertThat(err.toString()).contains("the lag is unknown", "no broker answers at 127.0.0.1:1");
    }

    @Test
    void what_is_not_there_is_said_to_be_so() {
        assertThat(run("instance", "send", "nobody", "--data-dir", dataDir())).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("there is no instance nobody", "./metering instance open");
        assertThat(run("instance", "open", "--product", "none", "--data-dir", dataDir()))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("there is no product none", "web-requests");
        assertThat(run("ledger", "hours", "nobody", "--data-dir", dataDir())).isEqualTo(ExitCode.DIFFERENT);
        assertThat(run(
                        "instance",
                        "open",
                        "--data-dir",
                        temporary.resolve("none").toString()))
                .isEqualTo(ExitCode.COULD_NOT_RUN);
        assertThat(err.toString()).contains("./metering up");
    }

    @Test
    void a_stack_whose_database_was_killed_goes_on() {
        String instance = openedFor("after-an-outage", "web-requests");
        EmbeddedDatabase.killServerOf(folder.path().resolve("postgresql"));

        await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> {
            assertThat(run("instance", "send", instance, "--data-dir", dataDir()))
                    .as(out + "\n" + err)
                    .isEqualTo(ExitCode.OK);
            assertThat(run("ledger", "hours", instance, "--data-dir", dataDir()))
                    .as(out + "\n" + err)
                    .isEqualTo(ExitCode.OK);
        });
    }

    /** A query for a name that nobody publishes is empty, and so an alert that never fires and a board that looks well. */
    @Test
    void every_metric_of_the_rules_and_boards_is_published_with_its_labels() throws Exception {
        Set<String> metrics = new TreeSet<>(PrometheusRules.read().recorded());
        Set<String> labels = new TreeSet<>(Set.of("instance", "job", "alertname", "alertstate", "severity"));
        for (Service service : List.of(Service.INGEST, Service.AGGREGATOR, Service.PUSHER)) {
            SAMPLE.matcher(metricsOf(service)).results().forEach(sample -> {
                metrics.add(sample.group(1));
                LABEL.matcher(sample.group(2) == null ? "" : sample.group(2))
                        .results()
                        .forEach(label -> labels.add(label.group(1)));
            });
        }
        List<String> queries = new ArrayList<>(PrometheusRules.read().queries());
        queries.addAll(GrafanaBoards.queries());
        for (String query : queries) {
            assertThat(metrics).as(query).containsAll(PromQlNames.metrics(query));
            assertThat(labels).as(query).containsAll(PromQlNames.labels(query));
        }
    }

    /** Whoever builds an alarm reads what a figure is where it is scraped. */
    @Test
    void every_metric_of_every_service_says_what_it_is() throws Exception {
        for (Service service : Service.values()) {
            if (service != Service.SIMULATOR) {
                assertThat(metricsOf(service))
                        .as(service.title())
                        .contains("# HELP hourledger_")
                        .doesNotContainPattern("# HELP (usage|push|ledger|callback|notice|app|hourledger)_\\w* *\n");
            }
        }
    }

    @Test
    void the_aggregators_consumers_show_kafkas_own_figures() throws Exception {
        assertThat(metricsOf(Service.AGGREGATOR))
                .contains(
                        "kafka_consumer_fetch_manager_records_consumed_total{",
                        "kafka_consumer_last_poll_seconds_ago{");
    }

    private static String metricsOf(Service service) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(stack.managementUri(service).resolve("/actuator/prometheus"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
