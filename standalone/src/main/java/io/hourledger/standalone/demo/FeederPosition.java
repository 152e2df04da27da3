package io.hourledger.standalone.demo;

import io.hourledger.standalone.file.DurableLine;
import java.nio.file.Path;

/** How many blocks of the traffic have been acknowledged. May lag behind what was, never lead: sending a block again is harmless. */
interface FeederPosition {

    long acknowledgedBlocks();

    void acknowledged(long blocks);

    /** For a stack that is thrown away with the demo. */
    static FeederPosition inMemory() {
        return new FeederPosition() {
            private long blocks;

            @Override
            public long acknowledgedBlocks() {
                return blocks;
            }

            @Override
            public void acknowledged(long acknowledged) {
                blocks = acknowledged;
            }
        };
    }

    /** In a file that outlives a crash. */
    static FeederPosition in(Path file) {
        DurableLine line = new DurableLine(file);
        return new FeederPosition() {
            @Override
            public long acknowledgedBlocks() {
                try {
                    return line.read().map(Long::parseLong).orElse(0L);
                } catch (NumberFormatException notANumber) {
                    throw new IllegalStateException(
                            line.file() + " does not hold a position; start again with another --data-dir", notANumber);
                }
            }

            @Override
            public void acknowledged(long blocks) {
                line.write(Long.toString(blocks));
            }
        };
    }
}
