/** What persons decided, wherever it is kept. */
@NullMarked
package io.hourledger.cli.audit;

import org.jspecify.annotations.NullMarked;
