/** The whole house in one JVM, and its command line. */
@NullMarked
package io.hourledger.standalone;

import org.jspecify.annotations.NullMarked;
