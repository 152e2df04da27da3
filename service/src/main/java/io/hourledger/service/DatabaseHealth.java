package io.hourledger.service;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the database answers. Says so within {@link #ANSWER_WITHIN}, also while a connection cannot be had: whoever asks a service for its
 * health must not wait for the pool's time-out. One question is under way at a time, however many ask.
 */
final class DatabaseHealth implements HealthIndicator {

    static final Duration ANSWER_WITHIN = Duration.ofSeconds(1);

    private static final int VALID_WITHIN_SECONDS = 5;

    private final DataSource database;
    private @Nullable CompletableFuture<Health> asked;

    DatabaseHealth(DataSource database) {
        this.database = database;
    }

    @Override
    public Health health() {
        try {
            return question().get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException noAnswer) {
            return Health.down()
                    .withDetail("why", "the database has not answered within " + ANSWER_WITHIN.toSeconds() + " s")
                    .build();
        } catch (ExecutionException bug) {
            return Health.down(bug).build();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Health.unknown().build();
        }
    }

    private synchronized CompletableFuture<Health> question() {
        CompletableFuture<Health> underWay = asked;
        if (underWay == null || underWay.isDone()) {
            underWay = new CompletableFuture<>();
            CompletableFuture<Health> answer = underWay;
            Thread.ofVirtual().name("database-health").start(() -> ask(answer));
            asked = underWay;
        }
        return underWay;
    }

    private void ask(CompletableFuture<Health> answer) {
        try (Connection connection = database.getConnection()) {
            boolean valid = connection.isValid(VALID_WITHIN_SECONDS);
            answer.complete(
                    (valid ? Health.up() : Health.down().withDetail("why", "the database does not answer")).build());
        } catch (SQLException refused) {
            answer.complete(Health.down()
                    .withDetail("why", "the database cannot be reached: " + refused.getMessage())
                    .build());
        } catch (RuntimeException | Error bug) {
            answer.completeExceptionally(bug);
        }
    }
}
