/** The file with meters and products, before it reaches a service: what it says, and what a new version changes. */
@NullMarked
package io.hourledger.cli.catalogue;

import org.jspecify.annotations.NullMarked;
