/** What was measured, on what machine, told to a person and to a file. */
@NullMarked
package io.hourledger.benchmarks.report;

import org.jspecify.annotations.NullMarked;
