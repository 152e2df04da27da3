/** The console's pages and the files of finance, over a month of many records. */
@NullMarked
package io.hourledger.benchmarks.console;

import org.jspecify.annotations.NullMarked;
