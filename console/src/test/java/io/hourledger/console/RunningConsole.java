package io.hourledger.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.hourledger.contracts.instance.InstanceCommand;
import io.hourledger.embedded.TestDatabase;
import io.hourledger.ledger.api.Ledger;
import io.hourledger.ledger.config.LedgerConfiguration;
import io.hourledger.ledger.config.LedgerSchema;
import io.hourledger.ledger.projection.LedgerProjections;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** The console as a process of its own would run, over a database that the real ledger and its projections have written. */
final class RunningConsole implements AutoCloseable {

    static final String TOKEN = "reader-token-4f1d";
    static final Instant NOW = Instant.parse("2026-02-10T12:00:00Z");

    final JdbcTemplate jdbc;
    final URI address;

    private final HikariDataSource database = new HikariDataSource();
    private final ConfigurableApplicationContext ledgerProcess;
    private final ConfigurableApplicationContext console;
    private final LedgerProjections projections;
    private final HttpClient http = HttpClient.newHttpClient();

    RunningConsole() {
        this(Map.of());
    }

    RunningConsole(Map<String, Object> settings) {
        TestDatabase.Address place = TestDatabase.freshAddress();
        database.setJdbcUrl(place.jdbcUrl());
        database.setUsername(place.user());
        database.setPassword(place.password());
        database.setMaximumPoolSize(6);
        LedgerSchema.migrate(database);
        jdbc = new JdbcTemplate(database);
        ledgerProcess = new SpringApplicationBuilder(LedgerAlone.class)
                .web(WebApplicationType.NONE)
                .initializers((ApplicationContextInitializer<GenericApplicationContext>)
                        context -> context.registerBean("database", DataSource.class, () -> database))
                .properties("spring.main.banner-mode=off", "hourledger.ledger.late-window=shorter")
                .run();
        projections = ledgerProcess.getBean(LedgerProjections.class);
        projections.start();
        console = Console.application()
                .initializers((ApplicationContextInitializer<GenericApplicationContext>)
                        context -> context.registerBean("clock", Clock.class, () -> Clock.fixed(NOW, ZoneOffset.UTC)))
                .properties(settings)
                .properties(Map.of(
                        "spring.datasource.url",
                        place.jdbcUrl(),
                        "spring.datasource.username",
                        place.user(),
                        "spring.datasource.password",
                        place.password(),
                        "hourledger.console.tokens[0].name",
                        "li.wei",
                        "hourledger.console.tokens[0].role",
                        "reader",
                        "hourledger.console.tokens[0].sha256",
                        sha256(TOKEN)))
                .run("--server.port=0", "--management.server.port=0");
        address = URI.create("http://127.0.0.1:" + console.getEnvironment().getProperty("local.server.port"));
    }

    @Configuration(proxyBeanMethods = false)
    @Import(LedgerConfiguration.class)
    static class LedgerAlone {

        @Bean
        JdbcTransactionManager transactions(DataSource database) {
            return new JdbcTransactionManager(database);
        }
    }

    /** Decided by the real ledger, and in the projections when this returns. */
    void give(List<? extends InstanceCommand> commands) {
        ledgerProcess.getBean(Ledger.class).handleAll(commands);
        await().until(projections::caughtUp);
    }

    /** Read by somebody who has the token. */
    Document page(String path) {
        HttpResponse<String> response = get(path, "Authorization", "Bearer " + TOKEN);
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " for " + path + ": " + response.body());
        }
        if (!response.body().startsWith("<!DOCTYPE html>")) {
            throw new AssertionError(path + " has no document type, so browsers draw it in quirks mode");
        }
        return Jsoup.parse(response.body(), address.toString());
    }

    HttpResponse<String> get(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address.resolve(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    HttpResponse<String> post(String path, Map<String, String> form, String... headers) {
        StringBuilder body = new StringBuilder();
        form.forEach((name, value) -> body.append(name)
                .append('=')
                .append(URLEncoder.encode(value, UTF_8))
                .append('&'));
        HttpRequest.Builder request = HttpRequest.newBuilder(address.resolve(path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (java.io.IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    /** What PostgreSQL says when the console's own connection writes. */
    String writeRefusal() {
        try {
            new JdbcTemplate(console.getBean(DataSource.class)).update("update ledger.metered_hour set amount = 0");
            return "nothing: it was written";
        } catch (DataAccessException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    static String sha256(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (java.security.NoSuchAlgorithmException everyJavaHasIt) {
            throw new AssertionError(everyJavaHasIt);
        }
    }

    @Override
    public void close() {
        console.close();
        projections.close();
        ledgerProcess.close();
        database.close();
        http.close();
    }
}
