package io.hourledger.aggregator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hourledger.aggregator.hour.Bucket;
import io.hourledger.aggregator.hour.BucketIncrement;
import io.hourledger.contracts.instance.EventSpan;
import io.hourledger.contracts.usage.Aggregation;
import io.hourledger.contracts.usage.BillingCycle;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.CatalogueVersions;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.contracts.usage.MeterFilter;
import io.hourledger.contracts.usage.MeterTerms;
import io.hourledger.contracts.usage.PricingMode;
import io.hourledger.contracts.usage.Product;
import io.hourledger.contracts.usage.UsageHour;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The catalogue and the events of the tests. */
public final class Usage {

    public static final Meter EGRESS =
            new Meter("egress", "web.egress", Aggregation.SUM, "bytes", "MB", new BigDecimal("0.000001"));
    public static final Meter REQUESTS =
            new Meter("requests", "web.request", Aggregation.COUNT, null, "requests", BigDecimal.ONE);
    public static final Meter PEAK =
            new Meter("peak", "cluster.peak", Aggregation.MAX, "nodes", "nodes", BigDecimal.ONE);
    public static final Meter FLOOR =
            new Meter("floor", "cluster.floor", Aggregation.MIN, "nodes", "nodes", BigDecimal.ONE);
    public static final Meter SIZE =
            new Meter("size", "disk.size", Aggregation.LATEST, "megabytes", "GB", new BigDecimal("0.001"));
    /** It counts four accounts of one instance and hour at most. */
    public static final Meter ACCOUNTS = new Meter(
            "accounts",
            "app.login",
            Aggregation.UNIQUE,
            "account",
            "accounts",
            BigDecimal.ONE,
            MeterFilter.ALL,
            new MeterTerms.Unique(4));

    /** The usual way to bill a link: five-minute sums, of which the 95th percentile counts. */
    public static final Meter BANDWIDTH = new Meter(
            "bandwidth",
            "link.traffic",
            Aggregation.PERCENTILE,
            "bytes",
            "MB",
            new BigDecimal("0.000001"),
            MeterFilter.ALL,
            new MeterTerms.Percentile(new BigDecimal("95"), Aggregation.SUM));

    public static final Meter MEDIAN_LEVEL = new Meter(
            "median-level",
            "tank.level",
            Aggregation.PERCENTILE,
            "level",
            "cm",
            BigDecimal.ONE,
            MeterFilter.ALL,
            new MeterTerms.Percentile(new BigDecimal("50"), Aggregation.LATEST));

    /** The usual way to bill a disk: its size times the hours for which it has that. */
    public static final Meter DISK_HOURS = new Meter(
            "disk-hours",
            "disk.level",
            Aggregation.TIME_WEIGHTED_SUM,
            "gigabytes",
            "GB-hours",
            BigDecimal.ONE,
            MeterFilter.ALL,
            new MeterTerms.TimeWeighted(Duration.ofHours(2)));

    public static final Meter CALLS = new Meter("calls", "api.call", Aggregation.COUNT, null, "calls", BigDecimal.ONE);
    public static final Meter CALL_BYTES =
            new Meter("call-bytes", "api.call", Aggregation.SUM, "bytes", "B", BigDecimal.ONE);
    public static final Meter CALL_SIZE =
            new Meter("call-size", "api.call", Aggregation.MAX, "largest", "B", BigDecimal.ONE);
    public static final Meter EU_HITS =
            new Meter("eu-hits", "cdn.hit", Aggregation.COUNT, null, "hits", BigDecimal.ONE, filter("region", "eu"));
    public static final Meter GOLD_BYTES = new Meter(
            "gold-bytes", "cdn.hit", Aggregation.SUM, "bytes", "B", BigDecimal.ONE, filter("tier", "gold", "platinum"));
    public static final Product WEB_EGRESS =
            new Product("web-egress", "egress", ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
    public static final Product CLUSTER_PEAK = soldByUse("cluster-peak", PEAK);
    public static final Product CLUSTER_FLOOR = soldByUse("cluster-floor", FLOOR);
    public static final Product DISK_SIZE = soldByUse("disk-size", SIZE);
    public static final Product APP_ACCOUNTS = soldByUse("app-accounts", ACCOUNTS);
    public static final Product LINK_BANDWIDTH = soldByUse("link-bandwidth", BANDWIDTH);
    public static final Product TANK_LEVEL = soldByUse("tank-level", MEDIAN_LEVEL);
    public static final Product DISK_TIME = soldByUse("disk-time", DISK_HOURS);
    public static final Product API_CALLS = soldByUse("api-calls", CALLS);
    public static final Product API_BYTES = soldByUse("api-bytes", CALL_BYTES);
    public static final Product API_LARGEST = soldByUse("api-largest", CALL_SIZE);
    public static final Meter FREE_HITS =
            new Meter("free-hits", "cdn.hit", Aggregation.COUNT, null, "hits", BigDecimal.ONE, filter("tier", "trial"));
    public static final Product CDN_IN_EU = soldByUse("cdn-in-eu", EU_HITS);
    public static final Product CDN_GOLD = soldByUse("cdn-gold", GOLD_BYTES);
    public static final Catalogue CATALOGUE = new Catalogue(
            1,
            List.of(
                    EGRESS,
                    REQUESTS,
                    PEAK,
                    FLOOR,
                    SIZE,
                    CALLS,
                    CALL_BYTES,
                    CALL_SIZE,
                    EU_HITS,
                    GOLD_BYTES,
                    FREE_HITS,
                    ACCOUNTS,
                    BANDWIDTH,
                    MEDIAN_LEVEL,
                    DISK_HOURS),
            List.of(
                    WEB_EGRESS,
                    CLUSTER_PEAK,
                    CLUSTER_FLOOR,
                    DISK_SIZE,
                    APP_ACCOUNTS,
                    LINK_BANDWIDTH,
                    TANK_LEVEL,
                    DISK_TIME,
                    API_CALLS,
                    API_BYTES,
                    API_LARGEST,
                    CDN_IN_EU,
                    CDN_GOLD));
    public static final CatalogueVersions VERSIONS = CatalogueVersions.only(CATALOGUE);
    public static final String ID_KEY = "000102030405060708090a0b0c0d0e0f";

    private Usage() {}

    private static Product soldByUse(String productId, Meter meter) {
        return new Product(productId, meter.name(), ChargingMode.ON_DEMAND, PricingMode.FIXED, BillingCycle.HOURLY);
    }

    /** An event that this meter reads a value of. */
    public static String reading(Meter meter, String instance, String id, Instant time, String value) {
        return """
                {"specversion":"1.0","id":"%s","source":"/app","type":"%s","subject":"%s","time":"%s","data":{"%s":%s}}"""
                .formatted(id, meter.eventType(), instance, time, meter.valueField(), value);
    }

    public static MeterFilter filter(String member, String... values) {
        return new MeterFilter(new TreeMap<>(Map.of(
                member,
                Stream.of(values)
                        .map(MeterFilter.Value.Text::new)
                        .map(MeterFilter.Value.class::cast)
                        .toList())));
    }

    /** An event that meters with filters read. */
    public static String hit(String instance, String id, Instant time, String region, String tier) {
        return """
                {"specversion":"1.0","id":"%s","source":"/app","type":"cdn.hit","subject":"%s","time":"%s",\
                "data":{"bytes":10,"region":"%s","tier":"%s"}}"""
                .formatted(id, instance, time, region, tier);
    }

    /** An event that three meters read. */
    public static String call(String instance, String id, Instant time, int bytes, int largest) {
        return """
                {"specversion":"1.0","id":"%s","source":"/app","type":"api.call","subject":"%s","time":"%s",\
                "data":{"bytes":%d,"largest":%d}}"""
                .formatted(id, instance, time, bytes, largest);
    }

    /** An event that the meter of calls reads, and no meter of their sizes. */
    public static String callWithoutSizes(String instance, String id, Instant time) {
        return """
                {"specversion":"1.0","id":"%s","source":"/app","type":"api.call","subject":"%s","time":"%s","data":{"bytes":"many"}}"""
                .formatted(id, instance, time);
    }

    public static String egress(String instance, String id, Instant time, String bytes) {
        return """
                {"specversion":"1.0","id":"%s","source":"/app","type":"web.egress","subject":"%s","time":"%s",\
                "datacontenttype":"application/json","data":{"bytes":%s}}"""
                .formatted(id, instance, time, bytes);
    }

    public static String request(String instance, String id, Instant time) {
        return """
                {"specversion":"1.0","id":"%s","source":"/app","type":"web.request","subject":"%s","time":"%s"}"""
                .formatted(id, instance, time);
    }

    /** An event that replaces another, which has this time, with the one given. */
    public static String amended(String instance, String id, Instant time, String event) {
        return amendment("io.hourledger.usage.amended", instance, id, time, event);
    }

    /** An event that takes another back, which has this time. */
    public static String voided(String instance, String id, Instant time, String eventId, String type) {
        return amendment(
                "io.hourledger.usage.voided",
                instance,
                id,
                time,
                "{\"id\":\"%s\",\"type\":\"%s\"}".formatted(eventId, type));
    }

    private static String amendment(String type, String instance, String id, Instant time, String event) {
        return """
                {"specversion":"1.0","id":"%s","source":"/app","type":"%s","subject":"%s","time":"%s",\
                "data":{"event":%s,"by":"ana","why":"metered by mistake"}}"""
                .formatted(id, type, instance, time, event);
    }

    public static byte[] bytes(String event) {
        return event.getBytes(UTF_8);
    }

    /** One hour's egress of an instance in a checkpoint: a megabyte in so many events, which lie before offset 40. */
    public static BucketIncrement egressBucket(UsageHour hour, String instance, long events) {
        return new BucketIncrement(
                new Bucket(
                        hour,
                        0,
                        instance,
                        "egress",
                        new BigDecimal(1_000_000),
                        new EventSpan(events, hour.start(), hour.start()),
                        0,
                        new Bucket.Offsets(0, 39)),
                Aggregation.SUM);
    }
}
