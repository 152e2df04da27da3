package io.hourledger.pusher;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.pusher.marketplace.AccountTrial;
import io.hourledger.pusher.order.PackageResolution;
import io.hourledger.pusher.order.ProductResolution;
import io.hourledger.pusher.order.UndoneChanges;
import io.hourledger.pusher.order.UnopenedInstances;
import io.hourledger.pusher.push.PushLoops;
import io.hourledger.pusher.push.PushStatus;
import io.hourledger.pusher.push.RecordsNeedingReview;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What a person may ask and do here, with the operator's token; {@link GalleryPusher} closes these paths to all others. */
@RestController
@RequestMapping("/operator/pusher")
final class OperatorEndpoint {

    private static final int MOST = 1000;

    private final PushLoops loops;
    private final RecordsNeedingReview review;
    private final UnopenedInstances unopenedInstances;
    private final UndoneChanges undoneChanges;
    private final PackageResolution packages;
    private final ProductResolution products;
    private final GalleryConfiguration.AccountTrials trials;

    OperatorEndpoint(
            PushLoops loops,
            RecordsNeedingReview review,
            UnopenedInstances unopenedInstances,
            UndoneChanges undoneChanges,
            PackageResolution packages,
            ProductResolution products,
            GalleryConfiguration.AccountTrials trials) {
        this.loops = loops;
        this.review = review;
        this.unopenedInstances = unopenedInstances;
        this.undoneChanges = undoneChanges;
        this.packages = packages;
        this.products = products;
        this.trials = trials;
    }

    /** Flat, so that a script reads each figure by one name; of all accounts together, and of several each under its name. */
    @GetMapping
    Map<String, @Nullable Object> status() {
        Map<String, @Nullable Object> all = flat(loops.status());
        Map<String, PushStatus> byAccount = loops.byAccount();
        if (byAccount.size() > 1) {
            Map<String, Object> accounts = new LinkedHashMap<>();
            byAccount.forEach((account, status) -> accounts.put(account, flat(status)));
            all.put("accounts", accounts);
        }
        return all;
    }

    private static Map<String, @Nullable Object> flat(PushStatus status) {
        Map<String, @Nullable Object> flat = new LinkedHashMap<>();
        flat.put("leaseHeld", status.lease().held());
        flat.put("lease", status.lease().text());
        flat.put("owner", status.lease().owner());
        flat.put("lastAcceptedAt", status.lastAcceptedAt());
        flat.put("oldestUnreportedBegin", status.queue().oldestUnreportedBegin());
        flat.put("inTime", status.queue().inTime());
        flat.put("late", status.queue().late());
        flat.put("needReview", status.queue().needReview());
        flat.put("callsPerSecond", status.limits().callsPerSecond());
        flat.put("mostRecordsInACall", status.limits().mostRecordsInACall());
        flat.put("stoppedBecause", status.halt().stoppedBecause());
        flat.put("suspendedBecause", status.halt().suspendedBecause());
        flat.put("inShadow", status.inShadow());
        flat.put("stalled", status.halt().stalled());
        return flat;
    }

    /** Records that were refused or whose outcome nobody knows, oldest first. */
    @GetMapping("/records-needing-review")
    List<RecordsNeedingReview.RecordNeedingReview> needingReview(@RequestParam(defaultValue = "100") int limit) {
        return review.oldest(Math.max(1, Math.min(MOST, limit)));
    }

    /** Instances that were ordered and are not open yet, and why, oldest first. */
    @GetMapping("/unopened-instances")
    List<UnopenedInstances.HeldInstance> unopenedInstances(@RequestParam(defaultValue = "100") int limit) {
        return unopenedInstances.oldest(Math.max(1, Math.min(MOST, limit)));
    }

    /** Renewals and upgrades of open instances that were not done, and why, oldest first. */
    @GetMapping("/undone-changes")
    List<UndoneChanges.UndoneChange> undoneChanges(@RequestParam(defaultValue = "100") int limit) {
        return undoneChanges.oldest(Math.max(1, Math.min(MOST, limit)));
    }

    /**
     * Who decides, and why.
     *
     * @param orderId the order of the change that will not be done
     */
    record Dismissal(@Nullable String who, @Nullable String why, @Nullable String orderId) {}

    /** A person says that a change will not be done, for example since its order was refunded. */
    @PostMapping("/undone-changes/{instanceId}/dismiss")
    ResponseEntity<?> dismiss(@PathVariable String instanceId, @RequestBody Dismissal dismissal) {
        DecidedBy by;
        try {
            by = decidedBy(dismissal.who(), dismissal.why());
        } catch (IllegalArgumentException nobody) {
            return problem(HttpStatus.BAD_REQUEST, String.valueOf(nobody.getMessage()));
        }
        String orderId = Objects.requireNonNullElse(dismissal.orderId(), "");
        return products.dismiss(instanceId, orderId, by)
                ? ResponseEntity.ok(new Named("dismissed", "the change by order " + orderId + " is dismissed"))
                : problem(HttpStatus.NOT_FOUND, "no change of instance " + instanceId + " by this order waits");
    }

    /**
     * Which product of an order line is meant.
     *
     * @param who decides
     * @param why for those who read it in a year
     * @param orderId the order of a change that was not done, or that holds up the opening; null if it is the opening itself, or only one waits
     */
    record Naming(@Nullable String who, @Nullable String why, @Nullable String productId, @Nullable String orderId) {}

    /**
     * What a person's word came to.
     *
     * @param outcome opened, waits, call-again or dismissed
     */
    record Named(String outcome, String detail) {}

    /** Names the product of an order that waits for a person, or of a change that was not done. The problem's {@code detail} is a sentence. */
    @PostMapping("/unopened-instances/{instanceId}/product")
    ResponseEntity<?> nameProduct(@PathVariable String instanceId, @RequestBody Naming naming) {
        DecidedBy by;
        try {
            by = decidedBy(naming.who(), naming.why());
        } catch (IllegalArgumentException nobody) {
            return problem(HttpStatus.BAD_REQUEST, String.valueOf(nobody.getMessage()));
        }
        if (naming.productId() == null || naming.productId().isBlank()) {
            return problem(HttpStatus.BAD_REQUEST, "productId is missing");
        }
        return switch (products.resolve(instanceId, naming.productId(), naming.orderId(), by)) {
            case ProductResolution.Outcome.Opened(String opened) ->
                ResponseEntity.ok(new Named("opened", "instance " + opened + " is open"));
            case ProductResolution.Outcome.Waits(String why) -> ResponseEntity.ok(new Named("waits", why));
            case ProductResolution.Outcome.CallAgain(String orderId) ->
                ResponseEntity.ok(new Named("call-again", "let the marketplace call again for order " + orderId));
            case ProductResolution.Outcome.NotWaiting(String why) -> problem(HttpStatus.NOT_FOUND, why);
            case ProductResolution.Outcome.Impossible(String why) -> problem(HttpStatus.CONFLICT, why);
        };
    }

    private static DecidedBy decidedBy(@Nullable String who, @Nullable String why) {
        return new DecidedBy(Objects.requireNonNullElse(who, ""), Objects.requireNonNullElse(why, ""));
    }

    /**
     * What a package is for.
     *
     * @param who decides
     * @param why for those who read it in a year
     * @param items each item of the package, with the pay-per-use instance that it is for
     */
    record Resolution(@Nullable String who, @Nullable String why, @Nullable List<PackageResolution.Choice> items) {}

    /** Opens a package that waits for a person. The problem's {@code detail} is a sentence. */
    @PostMapping("/unopened-instances/{instanceId}/package")
    ResponseEntity<?> openPackage(@PathVariable String instanceId, @RequestBody Resolution resolution) {
        DecidedBy by;
        try {
            by = decidedBy(resolution.who(), resolution.why());
        } catch (IllegalArgumentException nobody) {
            return problem(HttpStatus.BAD_REQUEST, String.valueOf(nobody.getMessage()));
        }
        return switch (packages.resolve(instanceId, Objects.requireNonNullElse(resolution.items(), List.of()), by)) {
            case PackageResolution.Outcome.Opened _ ->
                ResponseEntity.noContent().build();
            case PackageResolution.Outcome.NotWaiting(String why) -> problem(HttpStatus.NOT_FOUND, why);
            case PackageResolution.Outcome.Impossible(String why) -> problem(HttpStatus.CONFLICT, why);
        };
    }

    private static ResponseEntity<ProblemDetail> problem(HttpStatus status, String detail) {
        return ResponseEntity.of(ProblemDetail.forStatusAndDetail(status, detail))
                .build();
    }

    /** The key or our rights were mended: ask the marketplace at once instead of at the next probe. */
    @PostMapping("/ask-now")
    ResponseEntity<Void> askNow() {
        loops.askNow();
        return ResponseEntity.noContent().build();
    }

    /**
     * Tries an account's way to the marketplace, in a way that can bill nothing.
     *
     * @param record whether one call carries a record of an instance that nobody has
     */
    @PostMapping("/accounts/{account}/try")
    ResponseEntity<?> tryAccount(@PathVariable String account, @RequestParam(defaultValue = "false") boolean record) {
        AccountTrial trial = trials.byAccount().get(account);
        return trial == null
                ? problem(HttpStatus.NOT_FOUND, "this pusher's settings name no seller account " + account)
                : ResponseEntity.ok(trial.run(record));
    }
}
