/** One table in one of four forms of file, row by row, in memory that does not grow with the rows. */
@NullMarked
package io.hourledger.files.table;

import org.jspecify.annotations.NullMarked;
