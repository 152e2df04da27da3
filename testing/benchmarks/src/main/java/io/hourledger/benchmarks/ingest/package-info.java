/** Taking usage events over HTTP, beside a plain producer and a plain controller. */
@NullMarked
package io.hourledger.benchmarks.ingest;

import org.jspecify.annotations.NullMarked;
