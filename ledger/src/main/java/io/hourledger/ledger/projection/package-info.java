/** Tables for people and reports, made from the events inside the database; all of them can be dropped and made again. */
@NullMarked
package io.hourledger.ledger.projection;

import org.jspecify.annotations.NullMarked;
