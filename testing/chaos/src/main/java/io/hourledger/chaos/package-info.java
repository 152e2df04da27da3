/** The services as separate processes that are killed, frozen and restarted by a seeded schedule, and the ledgers compared afterwards. */
@NullMarked
package io.hourledger.chaos;

import org.jspecify.annotations.NullMarked;
