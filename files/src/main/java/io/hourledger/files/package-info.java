/** Files for finance and auditors. */
@NullMarked
package io.hourledger.files;

import org.jspecify.annotations.NullMarked;
