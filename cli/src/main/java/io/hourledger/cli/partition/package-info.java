/** What an SRE asks of the partitions of the usage log, and how a halted one goes on. */
@NullMarked
package io.hourledger.cli.partition;

import org.jspecify.annotations.NullMarked;
