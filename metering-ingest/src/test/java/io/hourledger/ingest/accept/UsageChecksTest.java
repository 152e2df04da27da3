package io.hourledger.ingest.accept;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.access.ApiKey;
import io.hourledger.contracts.access.KeyLimits;
import io.hourledger.contracts.access.KeyScope;
import io.hourledger.contracts.scan.EventReaders;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.UsageHour;
import io.hourledger.ingest.accept.Slices.Slice;
import io.hourledger.ingest.accept.UsageChecks.Corrects;
import io.hourledger.ingest.accept.UsageChecks.Failed;
import io.hourledger.ingest.accept.UsageChecks.Keeping;
import io.hourledger.ingest.accept.UsageChecks.OfRequest;
import io.hourledger.ingest.accept.UsageChecks.Passed;
import io.hourledger.ingest.accept.UsageChecks.Refused;
import io.hourledger.ingest.accept.UsageChecks.Takes;
import io.hourledger.ingest.accept.UsageChecks.Verdict;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Tag;

/** What ordinary events are spared must never change what is said of them. */
@Tag("fast")
class UsageChecksTest {

    private static final Instant NOW = Instant.parse("2026-11-24T13:05:00.500Z");
    private static final Duration MAX_AGE = Duration.ofHours(2);
    private static final Duration MAX_AHEAD = Duration.ofMinutes(5);

    private static final Meter REQUESTS =
            new Meter("requests", "web.request", Aggregation.COUNT, null, "requests", BigDecimal.ONE);
    private static final Meter BYTES = new Meter("bytes", "web.egress", Aggregation.SUM, "bytes", "B", BigDecimal.ONE);
    private static final Meter JOBS = new Meter("jobs", "job.done", Aggregation.COUNT, null, "jobs", BigDecimal.ONE);

    /** From 13:00 on another meter stands where one stood before. */
    private static final CatalogueVersions VERSIONS = CatalogueVersions.only(
                    new Catalogue(1, List.of(REQUESTS, BYTES), List.of()))
            .with(
                    new Catalogue(2, List.of(JOBS, BYTES, REQUESTS), List.of()),
                    UsageHour.of(Instant.parse("2026-11-24T13:00:00Z")));

    private static final EventReaders READERS = new EventReaders(VERSIONS);

    private static final List<KeyScope> SCOPES = List.of(
            new KeyScope(List.of("/shop"), List.of(), Set.of(), Set.of()),
            new KeyScope(List.of(), List.of("/shop"), Set.of("web.request"), Set.of()),
            new KeyScope(List.of(), List.of(""), Set.of("web.egress", "job.done"), Set.of()),
            new KeyScope(List.of("/shop", "/store"), List.of(), Set.of(), Set.of("i-1")));

    private static final List<String> TIMES = List.of(
            "2026-11-24T13:04:59Z",
            "2026-11-24T12:59:59Z",
            "2026-11-24T11:05:00.499Z",
            "2026-11-24T11:05:00.500Z",
            "2026-11-24T11:05:00Z",
            "2026-11-24T11:05:01Z",
            "2026-11-24T13:10:00.500Z",
            "2026-11-24T13:10:00.501Z",
            "2026-11-24T13:10:01Z",
            "2026-11-24T13:10:00Z",
            "2026-11-24T15:04:59+02:00");

    private final UsageChecks checks = new UsageChecks(() -> READERS, Takes.USAGE, MAX_AGE, MAX_AHEAD);

    @Property(tries = 3_000)
    void an_event_is_kept_beside_others_exactly_if_it_is_alone(
            @ForAll("scopes") KeyScope scope, @ForAll("requests") List<String> events) {
        ApiKey sender = new ApiKey("k-1", "shop", Set.of(), scope, KeyLimits.NONE);
        try (OfRequest request = checks.begin(sender, NOW)) {
            for (String event : events) {
                byte[] body = event.getBytes(UTF_8);
                Slice whole = new Slice(0, body.length, 0);
                assertThat(request.check(body, whole))
                        .as(event)
                        .isEqualTo(keeping(checks.check(sender, body, whole, NOW)));
            }
        }
    }

    private static Keeping keeping(Verdict verdict) {
        return switch (verdict) {
            case Passed(var event) -> new Keeping.Of(event.subject(), event.id());
            case Corrects(var amendment) -> new Keeping.Of(amendment.subject(), amendment.id());
            case Refused(var id, var errors) -> new Keeping.Not(ItemAnswer.rejected(id, errors));
            case Failed() -> new Keeping.Not(ItemAnswer.failed());
        };
    }

    @Provide
    Arbitrary<KeyScope> scopes() {
        return Arbitraries.of(SCOPES);
    }

    @Provide
    Arbitrary<List<String>> requests() {
        return Combinators.combine(
                        Arbitraries.of("/shop", "/store", "/shop/eu", "/shopper"),
                        Arbitraries.of("web.request", "web.egress", "job.done", "unknown"),
                        Arbitraries.of("i-1", "i-2", " ", "i-\\u0031"),
                        Arbitraries.of(TIMES),
                        Arbitraries.of("{\"bytes\":1.5}", "{\"bytes\":-1}", "null", "{\"bytes\":\"7\"}"))
                .as(UsageChecksTest::event)
                .list()
                .ofMinSize(2)
                .ofMaxSize(6);
    }

    private static String event(String source, String type, String subject, String time, String data) {
        return "{\"specversion\":\"1.0\",\"source\":\"" + source + "\",\"id\":\"e-1\",\"type\":\"" + type
                + "\",\"subject\":\"" + subject + "\",\"time\":\"" + time + "\",\"data\":" + data + "}";
    }
}
