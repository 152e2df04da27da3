/** The aggregator put together and running, with or without a web server around it. */
@NullMarked
package io.hourledger.aggregator.run;

import org.jspecify.annotations.NullMarked;
