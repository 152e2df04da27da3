/** How far counting lags behind the log, measured beside the poll loop, and whether hours will be reported in time. */
@NullMarked
package io.hourledger.aggregator.lag;

import org.jspecify.annotations.NullMarked;
