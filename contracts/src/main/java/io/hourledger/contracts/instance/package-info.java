/** What can be asked of an instance (commands) and what has happened to it (events). */
@NullMarked
package io.hourledger.contracts.instance;

import org.jspecify.annotations.NullMarked;
