package io.hourledger.embedded;

/** What an embedded PostgreSQL promises of a commit. */
public enum Durability {
    /** A commit is on disk when it returns (fsync, synchronous_commit and full_page_writes on). */
    SAFE,
    /**
     * A commit outlives its server, and may be lost with the machine; for tests of logic only, never for a test of durability or a
     * measurement.
     */
    FAST
}
