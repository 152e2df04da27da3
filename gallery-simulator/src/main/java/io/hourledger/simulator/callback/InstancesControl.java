package io.hourledger.simulator.callback;

import static java.time.temporal.ChronoUnit.MILLIS;

import io.hourledger.simulator.callback.CallbacksControl.Status;
import io.hourledger.simulator.callback.Instances.Instance;
import io.hourledger.simulator.callback.OrdersControl.WantedProduct;
import io.hourledger.simulator.http.RequestNotPossibleException;
import io.hourledger.simulator.order.Order;
import io.hourledger.simulator.order.Order.Line;
import io.hourledger.simulator.order.Order.Product;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The life of an instance after it was opened. */
@RestController
final class InstancesControl {

    private static final DateTimeFormatter EXPIRE_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int LAID_DOWN_AT_ONCE = 5_000;

    private final Instances instances;
    private final OrderPlacement placement;
    private final Clock business;

    InstancesControl(Instances instances, OrderPlacement placement, Clock business) {
        this.instances = instances;
        this.placement = placement;
        this.business = business;
    }

    /** @param waitSeconds how long to wait for the seller's answer; 0 = not at all */
    record Plain(@Min(0) @Max(600) int waitSeconds) {}

    /**
     * @param orderId the UNSUBSCRIBE order that releases it; none if it is released for another reason
     */
    record Release(@Nullable @Size(min = 1, max = 64) String orderId, @Min(0) @Max(600) int waitSeconds) {}

    /**
     * @param orderId the order of the renewal, or
     * @param name from which it is derived
     * @param productId if the period type changed; of a renewal with a change it stands in the order, and not in the call
     */
    record Refresh(
            @NotNull @Pattern(regexp = "TRIAL_TO_FORMAL|RENEWAL|UNSUBSCRIBE_RENEWAL_PERIOD|RENEWAL_CHANGE") String scene,
            @Nullable @Size(min = 1, max = 64) String orderId,
            @Nullable @Size(min = 1, max = 200) String name,
            @Nullable @Size(min = 1, max = 64) String productId,
            @NotNull Instant expireTime,
            @Min(0) @Max(600) int waitSeconds) {}

    /** The order of a change and what the instance shall be then. */
    record Change(
            @Nullable @Size(min = 1, max = 64) String orderId,
            @Nullable @Size(min = 1, max = 200) String name,
            @NotEmpty @Size(max = 100) List<@Valid WantedProduct> products,
            @Min(0) @Max(600) int waitSeconds) {}

    /**
     * @param usable whether the answer came in time, with HTTP 200 and a good Body-Sign
     * @param why if it is not
     * @param answer what the seller said
     */
    record Queried(boolean usable, @Nullable String why, @Nullable Object answer) {

        static Queried answered(Object answer) {
            return new Queried(true, null, answer);
        }

        static Queried unusable(String why) {
            return new Queried(false, why, null);
        }
    }

    record LaidDown(int instances) {}

    @PostMapping("/sim/instances/{id}/release")
    Status release(@PathVariable String id, @Valid @RequestBody Release release) {
        Order order = release.orderId == null ? null : order(release.orderId, "UNSUBSCRIBE", find(id), List.of());
        return tell(id, Activity.RELEASE_INSTANCE, Map.of(), order, release.waitSeconds);
    }

    @PostMapping("/sim/instances/{id}/freeze")
    Status freeze(@PathVariable String id, @Valid @RequestBody Plain plain) {
        return tell(id, Activity.UPDATE_INSTANCE_STATUS, Map.of("status", "FREEZE"), null, plain.waitSeconds);
    }

    @PostMapping("/sim/instances/{id}/unfreeze")
    Status unfreeze(@PathVariable String id, @Valid @RequestBody Plain plain) {
        return tell(id, Activity.UPDATE_INSTANCE_STATUS, Map.of("status", "UNFREEZE"), null, plain.waitSeconds);
    }

    /** Its time is over; only V1.0 has a call for that, which names the first order. */
    @PostMapping("/sim/instances/{id}/expire")
    Status expire(@PathVariable String id, @Valid @RequestBody Plain plain) {
        return tell(
                id,
                Activity.EXPIRE_INSTANCE,
                Map.of("orderId", find(id).ordered().orderId()),
                null,
                plain.waitSeconds);
    }

    @PostMapping("/sim/instances/{id}/refresh")
    Status refresh(@PathVariable String id, @Valid @RequestBody Refresh refresh) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("scene", refresh.scene);
        fields.put("expireTime", EXPIRE_TIME.format(refresh.expireTime));
        boolean byOrder = refresh.scene.equals("RENEWAL_CHANGE");
        List<Product> ordered = List.of();
        if (refresh.productId != null && byOrder) {
            ordered = List.of(new Product(refresh.productId, null, null, null));
        } else if (refresh.productId != null) {
            fields.put("productId", refresh.productId);
        }
        String orderType =
                switch (refresh.scene) {
                    case "TRIAL_TO_FORMAL" -> "TRIAL_TO_FORMAL";
                    case "UNSUBSCRIBE_RENEWAL_PERIOD" -> "UNSUBSCRIBE";
                    default -> "RENEW";
                };
        Order order = order(orderId(refresh.orderId, refresh.name), orderType, find(id), ordered);
        return tell(id, Activity.REFRESH_INSTANCE, fields, order, refresh.waitSeconds);
    }

    @PostMapping("/sim/instances/{id}/upgrade")
    Status upgrade(@PathVariable String id, @Valid @RequestBody Change change) {
        List<Product> products =
                change.products.stream().map(WantedProduct::product).toList();
        Order order = order(orderId(change.orderId, change.name), "CHANGE", find(id), products);
        return tell(id, Activity.UPGRADE_INSTANCE, Map.of(), order, change.waitSeconds);
    }

    @PostMapping("/sim/instances/{id}/check-change")
    Status checkChange(@PathVariable String id, @Valid @RequestBody Change change) {
        if (change.products.size() > 1) {
            throw new RequestNotPossibleException(
                    HttpStatus.BAD_REQUEST, "one-product", "a change is checked for one product");
        }
        Map<String, Object> target = productInfo(change.products.getFirst().product());
        return tell(id, Activity.CHANGE_INSTANCE_CHECK, Map.of("productInfo", target), null, change.waitSeconds);
    }

    /** One product, with the fields that the document has. */
    private static Map<String, Object> productInfo(Product product) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("productId", product.productId());
        fields.put("skuCode", Objects.requireNonNullElse(product.skuCode(), product.productId()));
        fields.put("productName", Objects.requireNonNullElse(product.productName(), product.productId()));
        if (product.linearValue() != null) {
            fields.put("linearValue", product.linearValue());
        }
        return fields;
    }

    /** Asks the seller at once, as when a buyer looks at the resource. */
    @GetMapping("/sim/instances/{id}/query")
    Queried query(@PathVariable String id) {
        return switch (placement.query(find(id))) {
            case SellerAnswer.Signed(String _, JsonNode body) -> Queried.answered(body);
            case SellerAnswer.Unusable(String why) -> Queried.unusable(why);
        };
    }

    /**
     * Puts pay-per-use instances there without a call to the seller, for measurements: lines
     * {@code instance_id,buyer,product,started_at}, without a head.
     */
    @PutMapping(path = "/sim/instances.csv", consumes = "text/csv")
    LaidDown layDown(BufferedReader lines) throws IOException {
        List<Instance> some = new ArrayList<>();
        int laidDown = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            some.add(laidDown(line));
            if (some.size() == LAID_DOWN_AT_ONCE) {
                laidDown += instances.layDown(some);
                some.clear();
            }
        }
        return new LaidDown(laidDown + (some.isEmpty() ? 0 : instances.layDown(some)));
    }

    private static Instance laidDown(String line) {
        String[] cells = line.split(",", -1);
        if (cells.length != 4) {
            throw new RequestNotPossibleException(
                    HttpStatus.BAD_REQUEST, "line-not-readable", "instance_id,buyer,product,started_at: " + line);
        }
        try {
            return Instance.laidDown(cells[0], cells[1], cells[2], Instant.parse(cells[3]));
        } catch (DateTimeException notATime) {
            throw new RequestNotPossibleException(
                    HttpStatus.BAD_REQUEST, "line-not-readable", "started_at is ISO 8601 UTC: " + line);
        }
    }

    private Status tell(
            String id, Activity activity, Map<String, Object> fields, @Nullable Order order, int waitSeconds) {
        return placement
                .tell(id, activity, fields, order, Duration.ofSeconds(waitSeconds))
                .map(Status::of)
                .orElseThrow(() -> noSuchInstance(id));
    }

    private Instance find(String id) {
        return instances.find(id).orElseThrow(() -> noSuchInstance(id));
    }

    private static RequestNotPossibleException noSuchInstance(String id) {
        return new RequestNotPossibleException(HttpStatus.NOT_FOUND, "no-such-instance", "no instance " + id);
    }

    private static String orderId(@Nullable String orderId, @Nullable String name) {
        if (orderId == null && name == null) {
            throw new RequestNotPossibleException(
                    HttpStatus.BAD_REQUEST, "order-without-id", "orderId or name is needed");
        }
        return orderId != null ? orderId : DerivedId.orderId(Objects.requireNonNull(name));
    }

    /** An order about an instance; without products it is about the product that the instance has. */
    private Order order(String orderId, String orderType, Instance instance, List<Product> products) {
        List<Product> named =
                products.isEmpty() ? List.of(new Product(instance.productId(), null, null, null)) : products;
        Line line = Line.plain(orderId + "-000001", instance.chargingMode(), named);
        return new Order(
                orderId,
                orderType,
                instance.ordered().buyerId(),
                instance.ordered().buyerId(),
                instance.test(),
                business.instant().truncatedTo(MILLIS),
                placement.generation(instance),
                List.of(line));
    }
}
