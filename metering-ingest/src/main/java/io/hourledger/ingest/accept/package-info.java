/** Takes usage events over HTTP, checks each, hands it to the log, and says of each what became of it. */
@NullMarked
package io.hourledger.ingest.accept;

import org.jspecify.annotations.NullMarked;
