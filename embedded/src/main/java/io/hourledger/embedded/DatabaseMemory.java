package io.hourledger.embedded;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Shares the machine's memory out to a PostgreSQL that has the services and a broker beside it. Each share has bounds, so that a machine of 2 GB still
 * has room for the others, and a large one does not give away what nobody uses.
 */
final class DatabaseMemory {

    private static final long MEGABYTE = 1 << 20;
    private static final long LEAST_TOTAL = 512 * MEGABYTE;

    private DatabaseMemory() {}

    /** Settings for this machine, or for the container that this JVM runs in. */
    static Map<String, String> settings() {
        return settings(((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize());
    }

    /**
     * Settings by PostgreSQL's own names.
     *
     * @param machine bytes of memory
     */
    static Map<String, String> settings(long machine) {
        long megabytes = Math.max(machine, LEAST_TOTAL) / MEGABYTE;
        Map<String, String> settings = new LinkedHashMap<>();
        // taken when the server starts, so a small share; what else is free caches files
        settings.put("shared_buffers", share(megabytes, 8, 128, 4096));
        // an estimate for the planner, nothing is taken
        settings.put("effective_cache_size", share(megabytes, 3, 256, 65_536));
        // for each sort of each connection
        settings.put("work_mem", share(megabytes, 512, 4, 32));
        // for one index or one vacuum at a time
        settings.put("maintenance_work_mem", share(megabytes, 32, 64, 1024));
        // disk, not memory: fewer checkpoints, so fewer images of whole pages while an hour is closed
        settings.put("max_wal_size", share(megabytes, 4, 512, 4096));
        return settings;
    }

    private static String share(long megabytes, long part, long least, long most) {
        return Math.max(least, Math.min(most, megabytes / part)) + "MB";
    }
}
