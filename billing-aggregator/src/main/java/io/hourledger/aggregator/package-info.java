/** The service that counts usage events exactly once and closes their hours. */
@NullMarked
package io.hourledger.aggregator;

import org.jspecify.annotations.NullMarked;
