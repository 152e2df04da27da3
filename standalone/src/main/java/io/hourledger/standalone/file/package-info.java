/** What outlives the process: one line in a file, replaced in one step. */
@NullMarked
package io.hourledger.standalone.file;

import org.jspecify.annotations.NullMarked;
