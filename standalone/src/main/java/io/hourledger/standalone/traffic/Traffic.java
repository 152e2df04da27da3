package io.hourledger.standalone.traffic;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A run of requests, in the order in which they are sent. Every reading gives the same lines. */
public interface Traffic {

    /** The CloudEvents {@code source} of its events; the same in every run. */
    String source();

    /** What it is, for a person. */
    String description();

    /** Starts a reading at the first line. */
    Reading open() throws IOException;

    /** One reading, from the first line to the last. */
    interface Reading extends AutoCloseable {

        /** The next line, or null behind the last one. */
        @Nullable TrafficLine next() throws IOException;

        @Override
        void close() throws IOException;
    }
}
