/** Usage records as FOCUS charges, with what they cost if there is a price list. */
@NullMarked
package io.hourledger.files.focus;

import org.jspecify.annotations.NullMarked;
