/** Usage records as files. */
@NullMarked
package io.hourledger.files.export;

import org.jspecify.annotations.NullMarked;
