package io.hourledger.aggregator.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.contracts.access.ProductsHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class ProductScopesTest {

    private static final byte[] EGRESS = ProductsHeader.write(Set.of("egress"));

    private final List<Collection<String>> asked = new ArrayList<>();

    private static ConsumerRecord<ByteBuffer, ByteBuffer> record(long offset, String instance, byte[] products) {
        RecordHeaders headers = new RecordHeaders();
        headers.add("hourledger-key", "key-7".getBytes(UTF_8));
        if (products != null) {
            headers.add(ProductsHeader.NAME, products);
        }
        return new ConsumerRecord<>(
                "usage-events",
                0,
                offset,
                0,
                TimestampType.CREATE_TIME,
                0,
                0,
                instance == null ? null : ByteBuffer.wrap(instance.getBytes(UTF_8)),
                ByteBuffer.wrap(new byte[0]),
                headers,
                Optional.empty());
    }

    /** With one instance of egress and one of requests, and everything before that offset decided. */
    private ProductScopes scopes(long before, Map<Long, String> forbidden) {
        return new ProductScopes(new ProductDecisions() {
            @Override
            public Map<String, String> productsOf(Collection<String> instances) {
                asked.add(instances);
                return Map.of("i-egress", "egress", "i-requests", "requests");
            }

            @Override
            public Decided decided(int partition, long from, long to) {
                return new Decided(before, forbidden);
            }
        });
    }

    private Map<Long, String> forbidden(List<ConsumerRecord<ByteBuffer, ByteBuffer>> records) {
        return scopes(0, Map.of()).check(records).forbidden();
    }

    @Test
    void a_key_that_is_bound_to_no_product_costs_no_question() {
        ProductScopes scopes = new ProductScopes(new NoDecisions());
        assertThat(scopes.check(List.of(record(0, "i-egress", null), record(1, null, EGRESS)))
                        .forbidden())
                .isEmpty();
    }

    @Test
    void a_key_sends_for_instances_of_its_products_that_are_open() {
        Map<Long, String> forbidden = forbidden(List.of(
                record(4, "i-egress", EGRESS),
                record(5, "i-requests", EGRESS),
                record(7, "i-unknown", EGRESS),
                record(8, "i-egress", ProductsHeader.write(Set.of("requests", "egress")))));

        assertThat(forbidden).containsOnlyKeys(5L, 7L);
        assertThat(forbidden.get(5L)).contains("[egress]", "of product requests");
        assertThat(forbidden.get(7L)).contains("[egress]", "not open");
        assertThat(asked).as("one question for all").hasSize(1);
    }

    @Test
    void a_header_that_nobody_of_ours_has_written_allows_nothing() {
        for (String header : List.of("", "null", "egress", "[null]", "{}")) {
            assertThat(forbidden(List.of(record(0, "i-egress", header.getBytes(UTF_8)))))
                    .as(header)
                    .containsOnlyKeys(0L);
        }
    }

    /** Who writes to the topic chooses the header, and the reason is stored with each record. */
    @Test
    void the_reason_names_no_more_products_than_a_person_reads() {
        Set<String> many =
                IntStream.range(0, 1_000).mapToObj(i -> "product-" + i).collect(Collectors.toSet());
        assertThat(forbidden(List.of(record(5, "i-requests", ProductsHeader.write(many))))
                        .get(5L))
                .contains("[product-0, ", "1000 in all", "of product requests")
                .hasSizeLessThan(500);

        many.addAll(IntStream.range(0, 9_000).mapToObj(i -> "other-" + i).toList());
        many.add("requests");
        assertThat(forbidden(List.of(record(5, "i-requests", ProductsHeader.write(many))))
                        .get(5L))
                .as("more than any key may name")
                .contains("cannot be read");
    }

    @Test
    void what_was_decided_is_not_decided_again() {
        List<ConsumerRecord<ByteBuffer, ByteBuffer>> records =
                List.of(record(3, "i-requests", EGRESS), record(4, "i-egress", EGRESS), record(5, "i-egress", EGRESS));

        assertThat(scopes(6, Map.of(4L, "decided then")).check(records).forbidden())
                .containsExactly(Map.entry(4L, "decided then"));
        assertThat(asked).isEmpty();
    }
}
