package io.hourledger.pusher;

import io.hourledger.pusher.callback.HeldInstances;
import io.hourledger.pusher.push.HeldRecords;
import io.hourledger.pusher.push.PushLoop;
import java.util.List;
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
    private final HeldRecords held;
    private final HeldInstances heldInstances;

    OperatorEndpoint(PushLoop loop, HeldRecords held, HeldInstances heldInstances) {
        this.loop = loop;
        this.held = held;
        this.heldInstances = heldInstances;
    }

    @GetMapping
    PushLoop.Status status() {
        return loop.status();
    }

    /** Records that were refused or whose outcome nobody knows, oldest first. */
    @GetMapping("/held-records")
    List<HeldRecords.HeldRecord> held(@RequestParam(defaultValue = "100") int limit) {
        return held.oldest(Math.max(1, Math.min(MOST, limit)));
    }

    /** Instances that were ordered and are not open yet, and why, oldest first. */
    @GetMapping("/held-instances")
    List<HeldInstances.HeldInstance> heldInstances(@RequestParam(defaultValue = "100") int limit) {
        return heldInstances.oldest(Math.max(1, Math.min(MOST, limit)));
    }

    /** The key or our rights were mended: ask the marketplace at once instead of at the next probe. */
    @PostMapping("/ask-now")
    ResponseEntity<Void> askNow() {
        loop.askNow();
        return ResponseEntity.noContent().build();
    }
}
