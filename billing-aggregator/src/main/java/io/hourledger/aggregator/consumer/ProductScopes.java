package io.hourledger.aggregator.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.consumer.ProductDecisions.Decided;
import io.hourledger.aggregator.hour.PartitionCheckpointer;
import io.hourledger.contracts.access.ProductsHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Checks the records of keys that are bound to products against the products that their instances have. What is decided is kept with the next
 * checkpoint, and looked up by whoever reads the record again: an instance may have another product by then.
 */
final class ProductScopes {

    /** The reason is stored with each record, and whoever writes to the topic chooses the products that it names. */
    private static final int MAX_NAMED_CHARS = 300;

    private final ProductDecisions decisions;

    ProductScopes(ProductDecisions decisions) {
        this.decisions = decisions;
    }

    /** A record whose key is bound. */
    private record Bound(long offset, String instance, Header products) {}

    /**
     * Checks the records of one partition that were just polled. Asks nobody if no key of theirs is bound.
     *
     * @throws io.hourledger.aggregator.hour.StoreUnavailableException if nobody can say now; none of them may be applied then
     */
    Checked check(List<ConsumerRecord<ByteBuffer, ByteBuffer>> records) {
        List<Bound> bound = new ArrayList<>(0);
        for (ConsumerRecord<ByteBuffer, ByteBuffer> record : records) {
            Header products = record.headers().lastHeader(ProductsHeader.NAME);
            if (products != null && record.key() != null) {
                bound.add(new Bound(
                        record.offset(), UTF_8.decode(record.key().duplicate()).toString(), products));
            }
        }
        return bound.isEmpty()
                ? Checked.ALL_ALLOWED
                : new Checked(forbidden(records.getFirst().partition(), bound));
    }

    private Map<Long, String> forbidden(int partition, List<Bound> bound) {
        Decided decided = decisions.decided(partition, bound.getFirst().offset, bound.getLast().offset + 1);
        Map<Long, String> forbidden = new HashMap<>(decided.forbidden());
        List<Bound> open = bound.stream()
                .filter(record -> record.offset >= decided.before())
                .toList();
        if (!open.isEmpty()) {
            Set<String> instances = new TreeSet<>();
            open.forEach(record -> instances.add(record.instance));
            Map<String, String> products = decisions.productsOf(instances);
            for (Bound record : open) {
                String why = whyForbidden(record, products.get(record.instance));
                if (why != null) {
                    forbidden.put(record.offset, why);
                }
            }
        }
        return forbidden;
    }

    private static @Nullable String whyForbidden(Bound record, @Nullable String product) {
        Set<String> allowed;
        try {
            allowed = new TreeSet<>(ProductsHeader.read(record.products.value()));
        } catch (IllegalArgumentException unreadable) {
            return "the header " + ProductsHeader.NAME + " of its record cannot be read";
        }
        if (product == null) {
            return "its key is bound to products " + named(allowed)
                    + ", and its instance was not open when it was counted";
        }
        return allowed.contains(product)
                ? null
                : "its key is bound to products " + named(allowed) + ", and its instance is of product " + product;
    }

    private static String named(Set<String> products) {
        String all = products.toString();
        return all.length() <= MAX_NAMED_CHARS
                ? all
                : all.substring(0, MAX_NAMED_CHARS) + "… (" + products.size() + " in all)";
    }

    /**
     * Records that were checked.
     *
     * @param forbidden those that may not count, by offset, and why
     */
    record Checked(Map<Long, String> forbidden) {

        private static final Checked ALL_ALLOWED = new Checked(Map.of());

        void apply(ConsumerRecord<ByteBuffer, ByteBuffer> record, PartitionCheckpointer counting) {
            String why = forbidden.isEmpty() ? null : forbidden.get(record.offset());
            if (why == null) {
                counting.apply(record.offset(), record.timestamp(), record.key(), record.value());
            } else {
                counting.forbid(record.offset(), record.timestamp(), record.key(), record.value(), why);
            }
        }
    }
}
