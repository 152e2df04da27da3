package io.hourledger.ingest.accept;

import io.hourledger.contracts.usage.UsageEventReader;

/** Gives the reader of events by the versions of the catalogue that are known now. */
@FunctionalInterface
public interface EventReaderSource {

    UsageEventReader reader();
}
