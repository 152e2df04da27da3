/** What all pages share: how times and amounts are written, and what is said when a page cannot be made. */
@NullMarked
package io.hourledger.console.layout;

import org.jspecify.annotations.NullMarked;
