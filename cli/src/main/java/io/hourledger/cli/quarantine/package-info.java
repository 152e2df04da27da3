/** What finance and SREs ask of events in quarantine, and decide about them. */
@NullMarked
package io.hourledger.cli.quarantine;

import org.jspecify.annotations.NullMarked;
