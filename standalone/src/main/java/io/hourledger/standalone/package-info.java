/** All services, a broker and a database in one JVM: the commands up and demo. */
@NullMarked
package io.hourledger.standalone;

import org.jspecify.annotations.NullMarked;
