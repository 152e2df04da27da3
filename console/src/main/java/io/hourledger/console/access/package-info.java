/** Who may see the pages: tokens with roles, and sessions of browsers. */
@NullMarked
package io.hourledger.console.access;

import org.jspecify.annotations.NullMarked;
