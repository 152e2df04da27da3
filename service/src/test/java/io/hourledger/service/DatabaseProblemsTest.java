package io.hourledger.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hourledger.embedded.Durability;
import io.hourledger.embedded.EmbeddedDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A service whose database goes away while it is asked. */
@Tag("servers")
class DatabaseProblemsTest {

    private static final String DATABASE = "postgres";

    @TempDir
    static Path folder;

    private static EmbeddedDatabase database;
    private static ServletWebServerApplicationContext service;

    @ServiceDefaults
    @UsesDatabase
    @Import(Pages.class)
    static class Asks {}

    @RestController
    static class Pages {

        private static final String QUESTION = "select 1";

        private final JdbcClient jdbc;
        private final TransactionOperations transaction;

        Pages(DataSource dataSource, PlatformTransactionManager transactions) {
            this.jdbc = JdbcClient.create(dataSource);
            this.transaction = new TransactionTemplate(transactions);
        }

        @GetMapping("/asked")
        int asked() {
            return jdbc.sql(QUESTION).query(Integer.class).single();
        }

        @GetMapping("/in-a-transaction")
        Integer inTransaction() {
            return transaction.execute(tx -> asked());
        }

        @GetMapping("/broken-at-the-commit")
        int unclear() {
            throw new TransactionSystemException("the connection broke");
        }
    }

    @BeforeAll
    static void start() {
        database = EmbeddedDatabase.start(folder.resolve("postgresql"), 0, Durability.FAST);
        service = (ServletWebServerApplicationContext) ServiceApplication.plain(Asks.class, "none")
                .properties(
                        "server.port=0",
                        "hourledger.operator-token=let-me-in",
                        "spring.datasource.url=" + database.jdbcUrl(DATABASE),
                        "spring.datasource.username=" + database.user(),
                        "spring.datasource.password=" + database.password(),
                        "spring.datasource.hikari.connection-timeout=1000")
                .run();
    }

    @AfterAll
    static void stop() {
        service.close();
        database.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/asked", "/in-a-transaction"})
    void who_asks_while_the_database_is_away_is_told_when_to_ask_again(String page) throws Exception {
        database = database.isRunning() ? database : database.startAgain();
        await().until(() -> get(page).statusCode() == 200);

        database.crash();

        HttpResponse<String> answer = get(page);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).contains("5");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body()).contains("\"code\":\"database-unavailable\"");
    }

    @Test
    void a_commit_without_an_answer_is_not_called_undone() throws Exception {
        HttpResponse<String> answer = get("/broken-at-the-commit");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("it may be done or not");
    }

    private static HttpResponse<String> get(String path) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + service.getWebServer().getPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString(UTF_8));
    }
}
