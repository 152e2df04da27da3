/** Everything in one JVM: a real broker and a real database, each service in its own Spring context on its own port, one business clock. */
@NullMarked
package io.hourledger.standalone.stack;

import org.jspecify.annotations.NullMarked;
