package io.hourledger.pusher;

import io.hourledger.pusher.order.UnopenedInstances;
import io.hourledger.pusher.push.PushLoop;
import io.hourledger.pusher.push.PushStatus;
import io.hourledger.pusher.push.RecordsNeedingReview;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What a person may ask and do here, with the operator's token; {@link GalleryPusher} closes these paths to all others. */
@RestController
@RequestMapping("/operator/pusher")
final class OperatorEndpoint {

    private static final int MOST = 1000;

    private final PushLoop loop;
    private final RecordsNeedingReview review;
    private final UnopenedInstances unopenedInstances;

    OperatorEndpoint(PushLoop loop, RecordsNeedingReview review, UnopenedInstances unopenedInstances) {
        this.loop = loop;
        this.review = review;
        this.unopenedInstances = unopenedInstances;
    }

    /** Flat, so that a script reads each figure by one name. */
    @GetMapping
    Map<String, @Nullable Object> status() {
        PushStatus status = loop.status();
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

    /** The key or our rights were mended: ask the marketplace at once instead of at the next probe. */
    @PostMapping("/ask-now")
    ResponseEntity<Void> askNow() {
        loop.askNow();
        return ResponseEntity.noContent().build();
    }
}
