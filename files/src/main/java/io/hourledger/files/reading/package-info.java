/** Reads of the ledger that take long, of one moment and in memory that does not grow. */
@NullMarked
package io.hourledger.files.reading;

import org.jspecify.annotations.NullMarked;
