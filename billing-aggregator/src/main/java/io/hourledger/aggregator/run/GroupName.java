package io.hourledger.aggregator.run;

import java.util.UUID;

/** Names consumer groups, so that two installations that read the same usage share no partitions. */
public final class GroupName {

    private static final int SHORT_ID = 8;

    private GroupName() {}

    /**
     * @param configured as {@code hourledger.aggregator.group-id} says
     */
    public static String of(String configured, UUID installation) {
        return configured + "-" + installation.toString().substring(0, SHORT_ID);
    }
}
