package io.hourledger.aggregator.page;

import io.hourledger.aggregator.page.BlockedInstances.BlockedInstance;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Which instances cannot go on, and why. They are tried again by themselves and leave the list when the cause has gone. */
@RestController
final class BlockedInstancesEndpoint {

    private final BlockedInstances blocked;

    BlockedInstancesEndpoint(BlockedInstances blocked) {
        this.blocked = blocked;
    }

    @GetMapping("/v1/blocked-instances")
    List<BlockedInstance> blockedInstances() {
        return blocked.all();
    }
}
