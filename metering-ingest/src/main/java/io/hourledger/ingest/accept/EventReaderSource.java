package io.hourledger.ingest.accept;

import io.hourledger.contracts.scan.EventReaders;

/** Gives the readers of events by the versions of the catalogue that are known now. */
@FunctionalInterface
public interface EventReaderSource {

    EventReaders readers();
}
