/** The demo: traffic in, signed usage records out, and a comparison of what was sent, metered and billed. */
@NullMarked
package io.hourledger.standalone.demo;

import org.jspecify.annotations.NullMarked;
